import {
  CANCELLED,
  classify,
  INVALID_REQUEST,
  isJsonObject,
  isRequestId,
  type JsonRpcNotification,
  type JsonRpcResponse,
  MAX_BATCH_SIZE,
  notification,
  type RequestId,
} from '@bao-mcp/protocol/engine'
import { HttpFault } from '../../http/fault.ts'
import type { SessionNode } from './node.ts'
import type { KnownSession } from './sessions.ts'

/** Takes what a client sends and waits for no answer to, to whichever node it concerns. */
export interface Mail {
  /** @throws {HubError} when it is to be told elsewhere and cannot */
  notice(session: KnownSession, message: JsonRpcNotification, length: number): Promise<void>
  /**
   * Hands an answer to the node that has asked.
   * @throws {HttpFault} 400 when there is no such node any more
   */
  answer(session: KnownSession, message: JsonRpcResponse, length: number): Promise<void>
  /**
   * @returns the members that are left, which are to be answered
   * @throws {HttpFault} 400 for a batch that is none; nothing of it was taken then
   */
  batch(session: KnownSession, values: readonly unknown[]): Promise<unknown[]>
}

export function createMail(node: SessionNode): Mail {
  async function notice(session: KnownSession, message: JsonRpcNotification, length: number): Promise<void> {
    const { requestId, reason } = message.params ?? {}
    const isElsewhere = message.method === CANCELLED && isRequestId(requestId) && !isRunning(session, requestId)
    session.session().receive(message, length, undefined)
    if (!isElsewhere) return
    // whichever node runs it
    const params = { requestId, ...(typeof reason === 'string' && { reason }) }
    await node.tellAll({ kind: 'cancel', session: session.id, params })
  }

  async function answer(session: KnownSession, message: JsonRpcResponse, length: number): Promise<void> {
    const asker = typeof message.id === 'string' ? /^([a-f\d]{16}):/.exec(message.id)?.[1] : undefined
    if (asker === undefined || asker === node.id) return session.session().receive(message, length, undefined)
    if (!(await node.isAlive(asker))) {
      throw new HttpFault(400, INVALID_REQUEST, 'the node that asked this is lost, and its call with it (ownerLostMs)')
    }
    await node.tell(asker, { kind: 'answer', session: session.id, message })
  }

  return {
    notice,
    answer,
    async batch(session, values) {
      const refusal = whyRefuse(session, values)
      if (refusal !== undefined) throw new HttpFault(400, INVALID_REQUEST, refusal)
      const requests: unknown[] = []
      for (const value of values) {
        const kind = classify(value)
        // proof of the casts: classify has just said so
        if (kind === 'result' || kind === 'error') await answer(session, value as JsonRpcResponse, 0)
        else if (kind === 'notification') await notice(session, value as JsonRpcNotification, 0)
        else requests.push(value)
      }
      return requests
    },
  }
}

/** The notification that gives up a request. */
export function cancelNotice(params: { requestId: RequestId; reason?: string }): JsonRpcNotification {
  return notification(CANCELLED, params)
}

/** The id of a request, as far as it can be read. */
export function idOf(value: unknown): RequestId[] {
  return isJsonObject(value) && 'method' in value && isRequestId(value.id) ? [value.id] : []
}

/** A batch over the limit is refused before anything of it runs. */
function whyRefuse({ memory }: KnownSession, values: readonly unknown[]): string | undefined {
  if (memory.facts?.revision.batches !== true) return 'batches are not part of the protocol revision in use'
  if (values.length === 0) return 'an empty batch is not a message'
  if (values.length <= MAX_BATCH_SIZE) return undefined
  return `a batch of ${values.length} messages is over the limit of ${MAX_BATCH_SIZE}`
}

function isRunning({ ways }: KnownSession, id: RequestId): boolean {
  for (const { ids } of ways.values()) if (ids.includes(id)) return true
  return false
}
