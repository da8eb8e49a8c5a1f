import { catalogues, isJsonObject, JsonRpcMessage, META, type RevisionDate } from '@bao-mcp/protocol'
import type { z } from 'zod'

export type Side = 'client' | 'server'
type Json = Record<string, unknown>

/** One line of a session and who wrote it. */
export interface Line {
  from: Side
  text: string
}

/** A value that a catalogue has an opinion about, for another judge to look at. */
export interface Judged {
  revision: RevisionDate
  place: 'params' | 'result' | 'notice' | 'input' | 'answer'
  method: string
  value: unknown
}

export interface Verdict {
  /** What one side wrote and should not have; empty when all is well. */
  problems: readonly string[]
  judged: readonly Judged[]
  /** Messages that were judged. */
  messages: number
}

interface Call {
  method: string
  params: Json
  revision: RevisionDate
  token: unknown
  progress: number
}

const MODERN = '2026-07-28'
/** Codes the newest revision must not emit: its own reserved range but for three, and two that are gone. */
const isForbiddenCode = (code: number): boolean =>
  (code <= -32020 && code >= -32099 && ![-32020, -32021, -32022, -32042].includes(code)) ||
  code === -32002 ||
  code === -32042

/**
 * Judges every message one side wrote in a session of one pipe against the catalogue of the revision it belongs to, and
 * against the rules that span messages: who may send what, one answer per call, rising progress, labelled subscriptions.
 * @param revision the one the session opened with; requests that describe themselves belong to the newest
 */
export function judge(lines: readonly Line[], side: Side, revision: RevisionDate): Verdict {
  const problems: string[] = []
  const judged: Judged[] = []
  const calls: Record<Side, Map<unknown, Call>> = { client: new Map(), server: new Map() }
  const used = new Set<unknown>()
  let messages = 0

  function complain(words: string, line: string): void {
    problems.push(`${words}: ${line.slice(0, 300)}`)
  }

  function check(what: Judged, shape: z.ZodType | undefined, line: string): void {
    judged.push(what)
    const result = shape?.safeParse(what.value)
    if (result === undefined) complain(`${what.revision} has no ${what.place} of ${what.method}`, line)
    else if (!result.success) complain(`${what.place} of ${what.method}: ${JSON.stringify(result.error.issues)}`, line)
  }

  function revisionOf(params: Json): RevisionDate {
    return META.protocolVersion in object(params._meta) ? MODERN : revision
  }

  function request(message: Json, from: Side, line: string): void {
    const method = String(message.method)
    const params = object(message.params)
    const version = revisionOf(params)
    if (from === side) {
      if (used.has(message.id)) complain('an id is used twice', line)
      used.add(message.id)
      if (version === MODERN && side === 'server') complain('a server of the newest revision sends no requests', line)
      const row = catalogues[version].requests[method]
      if (row !== undefined && row.direction !== side && row.direction !== 'both') complain('the wrong side asks', line)
      check({ revision: version, place: 'params', method, value: message.params }, row?.params, line)
    }
    const token = object(params._meta).progressToken
    calls[from].set(message.id, { method, params, revision: version, token, progress: Number.NEGATIVE_INFINITY })
  }

  function notice(message: Json, line: string): void {
    const method = String(message.method)
    const params = object(message.params)
    const other = side === 'server' ? calls.client : calls.server
    const subscription = other.get(object(params._meta)[META.subscriptionId])
    const reporting = [...other.values()].find(({ token }) => token !== undefined && token === params.progressToken)
    const version = subscription?.revision ?? reporting?.revision ?? revision
    const row = catalogues[version].notifications[method]
    if (row !== undefined && row.direction !== side && row.direction !== 'both') complain('the wrong side tells', line)
    check({ revision: version, place: 'notice', method, value: message.params }, row?.params, line)
    if (method === 'notifications/progress') {
      if (reporting === undefined) return complain('progress of a call that is over', line)
      if (Number(params.progress) <= reporting.progress) complain('progress does not rise', line)
      reporting.progress = Number(params.progress)
    }
    if (method.endsWith('list_changed') && revision === MODERN && side === 'server' && subscription === undefined) {
      complain('a change is told outside a subscription', line)
    }
  }

  function answer(message: Json, from: Side, line: string): void {
    const asked = calls[from === 'client' ? 'server' : 'client']
    const call = asked.get(message.id)
    asked.delete(message.id)
    if (from !== side) return
    if (call === undefined) {
      if (message.id !== undefined) complain('an answer to nothing', line)
      return
    }
    const { method, revision: version } = call
    if (version === MODERN && side === 'client') complain('a client of the newest revision answers nothing', line)
    if ('error' in message) {
      const code = Number(object(message.error).code)
      if (version === MODERN && isForbiddenCode(code)) complain('a code that must not be emitted', line)
      return
    }
    const result = object(message.result)
    check(
      { revision: version, place: 'result', method, value: result },
      catalogues[version].requests[method]?.result,
      line,
    )
    questions(result, call, line)
  }

  /** What is asked inside a result must be something the client declared. */
  function questions(result: Json, { params, revision: version }: Call, line: string): void {
    const declared = object(object(params._meta)[META.clientCapabilities])
    for (const question of Object.values(object(result.inputRequests)).map(object)) {
      const method = String(question.method)
      const [capability = ''] = method.split('/')
      if (!(capability in declared)) complain(`${method} was not declared`, line)
      check(
        { revision: version, place: 'input', method, value: question.params },
        catalogues[version].inputs[method]?.params,
        line,
      )
    }
  }

  function one(value: unknown, from: Side, line: string): void {
    const message = object(value)
    if (from === side) {
      messages++
      const envelope = JsonRpcMessage.safeParse(value)
      if (!envelope.success) return complain('not a message', line)
    }
    if ('method' in message && 'id' in message) request(message, from, line)
    else if ('method' in message) from === side && notice(message, line)
    else answer(message, from, line)
  }

  for (const { from, text } of lines) {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value)) {
      one(value, from, text)
      continue
    }
    if (from === side && revision !== '2025-03-26') complain('a batch outside its revision', text)
    for (const member of value) one(member, from, text)
  }
  return { problems, judged, messages }
}

function object(value: unknown): Json {
  return isJsonObject(value) ? value : {}
}
