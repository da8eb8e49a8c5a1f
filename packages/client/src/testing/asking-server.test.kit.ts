import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import { type Incoming, ofEra, type ScriptedTransport, scripted } from './scripted-server.test.kit.ts'

export const DONE: JsonObject = { resultType: 'complete', content: [{ type: 'text', text: 'done' }] }
export const FORM: JsonObject = {
  message: 'Who are you?',
  requestedSchema: {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1 }, newsletter: { type: 'boolean', default: false } },
    required: ['name'],
  },
}

/** A server that asks one question while it answers a call. */
export interface AskingServer extends ScriptedTransport {
  /** Resolves with the answer to its question. */
  told(): Promise<Incoming>
}

/** A server that asks once while it answers a call, in the way of its era; it tells what it was answered. */
export function asking(era: Era, method: string, params?: JsonObject): AskingServer {
  const server = scripted(
    ofEra(era, (message, wire) => {
      if (era === 'modern') {
        if (message.method !== 'tools/call') return
        if (message.params?.inputResponses !== undefined) return wire.answer(message, DONE)
        const inputRequests = { question: { method, params } }
        return wire.answer(message, { resultType: 'input_required', inputRequests, requestState: 's1' })
      }
      if (message.method === 'tools/call') return wire.send({ jsonrpc: '2.0', id: 'q1', method, params })
      const call = server.received.find((one) => one.method === 'tools/call')
      if (message.id === 'q1' && call !== undefined) wire.answer(call, DONE)
    }),
  )
  async function told(): Promise<Incoming> {
    if (era === 'legacy') return server.answered('q1')
    const { params: retried } = await server.got('tools/call', 2)
    const responses = retried?.inputResponses
    const result = isJsonObject(responses) ? responses.question : undefined
    return isJsonObject(result) ? { result } : {}
  }
  return Object.assign(server, { told })
}
