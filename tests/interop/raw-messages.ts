import type { Era } from '@bao-mcp/protocol/revisions'
import type { Message, RawServer } from './raw-server.ts'

/** The metadata every modern request has to carry. */
export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}
/** The metadata of a request in each era, as the text of a member and what follows it. */
export const META_TEXT: Record<Era, string> = { modern: `"_meta":${JSON.stringify(META)},`, legacy: '' }
/** A request for the echo of `text`, with other members of arguments, params and envelope as JSON text. */
export function echo(
  era: Era,
  id: unknown,
  text: string,
  more: { args?: string; params?: string; top?: string } = {},
): string {
  const { args = '', params = '', top = '' } = more
  const call = `"params":{${META_TEXT[era]}${params}"name":"echo","arguments":{${args}"text":${JSON.stringify(text)}}}`
  return `{"jsonrpc":"2.0",${top}"id":${JSON.stringify(id)},"method":"tools/call",${call}}`
}

/** Opens a conversation of the older era and returns the server's answer. */
export async function shakeHands(server: RawServer, protocolVersion = '2025-11-25'): Promise<Message | undefined> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } }
  server.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'hello', method: 'initialize', params })}\n`)
  const [answer] = await server.readThrough('hello')
  server.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
  return Array.isArray(answer) ? undefined : answer
}

/** One message as a line. A request of the modern era gets its metadata. */
export function line(era: Era, message: { id?: string | number; method: string; params?: object }): string {
  const { params } = message
  const marked = era === 'modern' && message.id !== undefined ? { _meta: META, ...params } : params
  return `${JSON.stringify({ jsonrpc: '2.0', ...message, ...(marked !== undefined && { params: marked }) })}\n`
}

/** A tools/call as a line. */
export function call(era: Era, id: string | number, name: string, args: object = {}): string {
  return line(era, { id, method: 'tools/call', params: { name, arguments: args } })
}
