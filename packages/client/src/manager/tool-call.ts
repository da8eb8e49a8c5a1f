import type { ToolAnnotations } from '@bao-mcp/protocol'
import { isJsonObject, type MaybePromise } from '@bao-mcp/protocol/engine'
import type { CallArguments, CallToolOptions, Client } from '../client.ts'
import type { ToolResult } from '../tool-result.ts'
import type { Calls } from './calls.ts'
import { closestFirst, listNames } from './closest.ts'
import type { EventBody } from './events.ts'
import { ManagerError } from './manager-error.ts'
import type { ServerOptions } from './server-config.ts'
import type { Supervisor } from './supervision.ts'
import type { ToolList } from './tool-list.ts'
import { untilAborted } from './until-aborted.ts'

/** A call that somebody may want to forbid. */
export interface CallToApprove {
  readonly server: string
  readonly tool: string
  readonly args: CallArguments | undefined
  /** What the server says of its tool: a hint, and no more to be trusted than the server. */
  readonly annotations: ToolAnnotations | undefined
  /** Aborts when the caller gives the call up. */
  readonly signal: AbortSignal | undefined
}

/** Decides about a call before it is sent. What it throws is a no, and so is any other answer. */
export type Approve = (call: CallToApprove) => MaybePromise<'allow' | { readonly deny: string }>

export interface ToolCallerOptions {
  readonly server: string
  readonly options: ServerOptions
  readonly supervisor: Pick<Supervisor, 'connection'>
  readonly calls: Pick<Calls, 'run' | 'hold'>
  readonly tools: ToolList
  readonly approve: Approve | undefined
  emit(event: EventBody): void
}

/** Calls a tool of one server through its queue, breaker and approval. */
export type ManagedCall = (tool: string, args?: CallArguments, options?: CallToolOptions) => Promise<ToolResult>

/** Calls tools of one server: known ones that are allowed and approved, within their time limits. */
export function createToolCaller(parts: ToolCallerOptions): ManagedCall {
  const { server, options, supervisor, calls, tools, approve, emit } = parts
  const isTrusting = options.trustAnnotations !== false

  /** The list decides, and is made when there is none or it may be stale. */
  async function check(tool: string, signal: AbortSignal | undefined): Promise<void> {
    if (tools.judging !== undefined) await untilAborted(tools.judging, signal)
    if (isListed(tool)) return
    if (!tools.allows(tool)) {
      const message = `the tool "${tool}" of ${server} is not let through (allow, deny)`
      throw new ManagerError('not_allowed', message, { server, tool, known: names(tool) })
    }
    const wasLive = tools.isLive
    // what is known from before may be older than the server
    if (wasLive) await checkWithheld(tool, signal)
    const client = await supervisor.connection(signal)
    if (isListed(tool)) return
    await checkWithheld(tool, signal)
    // a list that cannot be had does not stand in the way: the server knows best
    if (tools.tools === undefined) return
    const isCurrent = client.capabilities.tools?.listChanged === true && !tools.isStale
    if (wasLive && !isCurrent) await refresh(client, signal)
    if (isListed(tool)) return
    await checkWithheld(tool, signal)
    const known = names(tool)
    const message = `${server} has no tool "${tool}"; there is: ${listNames(known)}`
    throw new ManagerError('unknown_tool', message, { server, tool, known })
  }

  /** It may have been accepted elsewhere since it was listed. */
  async function checkWithheld(tool: string, signal: AbortSignal | undefined): Promise<void> {
    if (tools.refusal(tool) === undefined) return
    await untilAborted(tools.reconsider(), signal)
    const refusal = tools.refusal(tool)
    if (refusal !== undefined) throw refusal
  }

  async function refresh(client: Client, signal: AbortSignal | undefined): Promise<void> {
    try {
      await untilAborted(tools.refresh(client), signal)
    } catch {
      // the list that is known then decides, and the error about the tool says what is on it
      signal?.throwIfAborted()
    }
  }

  function isListed(tool: string): boolean {
    return tools.tools?.some(({ name }) => name === tool) === true
  }

  function names(wanted: string): string[] {
    return closestFirst(wanted, tools.tools?.map(({ name }) => name) ?? [])
  }

  function annotationsOf(tool: string): ToolAnnotations | undefined {
    return tools.tools?.find(({ name }) => name === tool)?.annotations
  }

  async function ask(call: CallToApprove): Promise<void> {
    if (approve === undefined) return
    const { tool } = call
    let decision: 'allow' | { readonly deny: string }
    let cause: unknown
    try {
      decision = checkedDecision(await untilAborted(Promise.resolve(approve(call)), call.signal))
    } catch (error) {
      cause = error
      decision = { deny: 'it could not be decided' }
    }
    call.signal?.throwIfAborted()
    if (decision === 'allow') return emit({ kind: 'decision', server, tool, allowed: true })
    const reason = decision.deny
    emit({ kind: 'decision', server, tool, allowed: false, reason })
    throw new ManagerError('denied', `calling "${tool}" of ${server} was denied: ${reason}`, { server, tool, cause })
  }

  return async (tool, args, call) => {
    const signal = call?.signal
    signal?.throwIfAborted()
    // a server is not stopped for idleness while somebody thinks about a call of it
    const letGo = calls.hold()
    try {
      await check(tool, signal)
      await ask({ server, tool, args, annotations: annotationsOf(tool), signal })
      const own = options.tools !== undefined && Object.hasOwn(options.tools, tool) ? options.tools[tool] : undefined
      const timeoutMs = call?.timeoutMs ?? own?.timeoutMs
      const maxTotalTimeoutMs = call?.maxTotalTimeoutMs ?? own?.maxTotalTimeoutMs
      const sent: CallToolOptions = {
        ...call,
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(maxTotalTimeoutMs !== undefined && { maxTotalTimeoutMs }),
        // without trust the client's own repetitions would rest on the same word
        ...(!isTrusting && { maxRetries: 0 }),
      }
      const send = (client: Client): Promise<ToolResult> => {
        // what was known of it before may not be what this connection listed
        const refusal = tools.refusal(tool)
        if (refusal !== undefined) throw refusal
        return client.callTool(tool, args, sent)
      }
      return await calls.run(send, {
        signal,
        mayRepeat() {
          const hints = annotationsOf(tool)
          return isTrusting && (hints?.readOnlyHint === true || hints?.idempotentHint === true)
        },
      })
    } finally {
      letGo()
    }
  }
}

/** @throws {TypeError} when it is neither a yes nor a no */
function checkedDecision(decision: unknown): 'allow' | { readonly deny: string } {
  if (decision === 'allow') return decision
  if (isJsonObject(decision) && typeof decision.deny === 'string') return { deny: decision.deny }
  throw new TypeError(`approve must answer "allow" or { deny: reason }, got ${typeof decision}`)
}
