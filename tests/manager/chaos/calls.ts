import { readFileSync } from 'node:fs'
import { ConnectionError, InvalidResultError, ManagerError, RpcError, type SessionManager } from '@bao-mcp/client'
import { seeded } from './seeded.ts'

/** What became of a call. */
export type Outcome = { kind: 'answered' } | { kind: 'failed'; error: Error } | { kind: 'hung' }

export interface Call {
  readonly id: string
  readonly server: string
  readonly tool: string
  readonly begunAt: number
  /** Milliseconds until it settled. */
  tookMs: number
  /** Undefined while it is under way. */
  outcome: Outcome | undefined
}

export interface CallMore {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Makes calls and remembers all of them. */
export interface Calls {
  readonly all: readonly Call[]
  /** Never rejects; the outcome is `hung` when it has not settled within the longest time any call may take. */
  make(server: string, tool: string, more?: CallMore): Promise<Call & { readonly outcome: Outcome }>
}

export interface CallsOptions {
  readonly manager: SessionManager
  readonly seed: number
  /** The longest time a call may take by the limits its server is configured with, in milliseconds. */
  limitOf(server: string): number
  /** The longest pause a tool makes before and after what it does, in milliseconds. */
  workOf(server: string): number
}

export function createCalls({ manager, seed, limitOf, workOf }: CallsOptions): Calls {
  const all: Call[] = []
  const counts = new Map<string, number>()

  async function settled(call: Call, more: CallMore): Promise<Outcome> {
    const below = seeded(seed, call.id)
    const longestMs = workOf(call.server)
    const args = { id: call.id, beforeMs: below(longestMs), afterMs: below(longestMs) }
    // floods come on the call's own stream only where somebody listens
    const onProgress = call.tool === 'flood' ? { onProgress() {} } : {}
    try {
      const { content, isError } = await manager.callTool(call.server, call.tool, args, { ...more, ...onProgress })
      const [first] = content
      const text = first?.type === 'text' ? first.text : JSON.stringify(content)
      if (isError !== true && text === `did ${call.id}`) return { kind: 'answered' }
      return { kind: 'failed', error: new Error(`it was answered ${text}`) }
    } catch (error) {
      return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  return {
    all,
    async make(server, tool, more = {}) {
      const nth = (counts.get(server) ?? 0) + 1
      counts.set(server, nth)
      const call: Call = {
        ...{ id: `${server}/${nth}`, server, tool, begunAt: performance.now() },
        ...{ tookMs: Number.NaN, outcome: undefined },
      }
      all.push(call)
      let stop: ReturnType<typeof setTimeout> | undefined
      const hung = new Promise<Outcome>((resolve) => {
        stop = setTimeout(() => resolve({ kind: 'hung' }), limitOf(server))
      })
      const outcome = await Promise.race([settled(call, more), hung])
      clearTimeout(stop)
      call.tookMs = performance.now() - call.begunAt
      return Object.assign(call, { outcome })
    },
  }
}

/** Whatever the journal of what ran and the outcomes of the calls do not agree about, in words; nothing is good. */
export function contradictions(calls: readonly Call[], journal: string): string[] {
  const runs = new Map<string, number>()
  for (const id of readFileSync(journal, 'utf8').trim().split('\n')) runs.set(id, (runs.get(id) ?? 0) + 1)
  const wrong: string[] = []
  for (const { id, tool, outcome } of calls) {
    const times = runs.get(id) ?? 0
    runs.delete(id)
    const says = (words: string): number => wrong.push(`${tool} ${id} ${words}: it ran ${times} times`)
    if (outcome === undefined || outcome.kind === 'hung') says('did not settle')
    else if (outcome.kind === 'answered' && times === 0) says('was answered')
    else if (tool !== 'read' && times > 1) says(outcome.kind)
    else if (outcome.kind === 'failed' && times > 0 && saysNotRun(outcome.error)) {
      says(`is said not to have run (${outcome.error})`)
    }
    if (outcome?.kind === 'failed' && !isHonest(outcome.error)) says(`failed by ${outcome.error}`)
  }
  for (const [id, times] of runs) if (id !== '') wrong.push(`nobody called ${id}: it ran ${times} times`)
  return wrong
}

function saysNotRun(error: Error): boolean {
  return error instanceof ManagerError || (error instanceof ConnectionError && error.outcome === 'not_run')
}

/** Why a call that the caller gave up fails. */
export class GivenUp extends Error {}

function isHonest(error: Error): boolean {
  const kinds = [ConnectionError, ManagerError, RpcError, InvalidResultError, GivenUp]
  return kinds.some((kind) => error instanceof kind) && error.message !== ''
}
