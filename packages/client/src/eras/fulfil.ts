import { type InputRequests, type InputResponses, InvalidResultError } from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { follow } from '../follow.ts'
import type { Inputs } from '../session.ts'

/**
 * Gets the answers of one input round, all at once. There is no slot for an error among them, so the first failure ends
 * the round, aborts the handlers that still run and is what the caller learns.
 * @param method the request that is asked about
 * @param signal ends the round: the caller gave up, or the connection is over
 * @throws {InputError} when there is no answer to one of them
 * @throws {InvalidResultError} when something is asked that no input round may ask
 * @throws the signal's reason
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export async function fulfilRound(
  round: { method: string; requests: InputRequests; signal: AbortSignal },
  inputs: Inputs,
  revision: Revision,
): Promise<InputResponses> {
  const { method, requests, signal } = round
  signal.throwIfAborted()
  for (const asked of Object.values(requests)) {
    if (!revision.inputs.has(asked.method)) {
      throw new InvalidResultError(method, `it asks the client for ${asked.method}`)
    }
  }
  using call = follow(signal)
  const givenUp = new Promise<never>((_, reject) => {
    call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true })
  })
  try {
    const answers = Object.entries(requests).map(async ([key, { method: asked, params }]) => {
      return [key, await inputs.answer(asked, params, { signal: call.signal })] as const
    })
    // a handler that does not heed its signal must not hold the caller
    return Object.fromEntries(await Promise.race([Promise.all(answers), givenUp]))
  } catch (error) {
    call.controller.abort(error)
    throw error
  }
}
