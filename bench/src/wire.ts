/** The bytes both sides of every measurement agree on. */

export type Era = 'legacy' | 'modern'

export const ERAS: readonly Era[] = ['legacy', 'modern']

/** The revision each era is measured in. */
export const REVISION: Readonly<Record<Era, string>> = { legacy: '2025-11-25', modern: '2026-07-28' }

const CLIENT_INFO = { name: 'bench', version: '1.0.0' }

/** What a modern request repeats.
 *  @see https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta */
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION.modern,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
}

/** The notification that ends a legacy handshake, as a line. */
export const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}\n'

/** The first request of a conversation, as a line: `initialize` in legacy, `server/discover` in modern. */
export function opening(era: Era, id: number): string {
  const request =
    era === 'legacy'
      ? {
          method: 'initialize',
          params: { protocolVersion: REVISION.legacy, capabilities: {}, clientInfo: CLIENT_INFO },
        }
      : { method: 'server/discover', params: { _meta: META } }
  return `${JSON.stringify({ jsonrpc: '2.0', id, ...request })}\n`
}

/** A subscription to changes of the list of tools, without a newline: a modern stream that stays open. */
export function listening(id: string): string {
  const params = { notifications: { toolsListChanged: true }, _meta: META }
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params })
}

/** What follows the `arguments` object in a `tools/call` line. */
export function callTail(era: Era): string {
  return era === 'legacy' ? '}}\n' : `,"_meta":${JSON.stringify(META)}}}\n`
}

/** Writes `tools/call` lines for texts known in advance: per call only the id is new. */
export function callWriter(era: Era, texts: readonly string[]): (id: number) => string {
  const head = '{"jsonrpc":"2.0","id":'
  const tails = texts.map(
    (text) => `,"method":"tools/call","params":{"name":"echo","arguments":${JSON.stringify({ text })}${callTail(era)}`,
  )
  return (id) => `${head}${id}${tails[id % tails.length]}`
}

/** `count` different texts of exactly `bytes` ASCII characters, so that an answer to another call is noticed. */
export function makeTexts(count: number, bytes: number): string[] {
  const filler = 'the quick brown fox jumps over the lazy dog, 0123456789. '
  return Array.from({ length: count }, (_, index) =>
    `${index} ${filler.repeat(Math.ceil(bytes / filler.length))}`.slice(0, bytes),
  )
}

/** Says what is wrong with a `tools/call` answer, or nothing. Both the structured output and the text block count: the
 *  block holds the text itself or the structured output as JSON. */
export function faultOf(result: unknown, text: string): string | undefined {
  // proof: every read below tolerates a missing or foreign member
  const { structuredContent, content } = (result ?? {}) as {
    structuredContent?: { text?: unknown }
    content?: { type?: unknown; text?: unknown }[]
  }
  if (structuredContent?.text !== text) return 'structuredContent.text is not the text that was sent'
  const block = content?.[0]?.text
  if (block === text) return undefined
  if (typeof block !== 'string' || !block.startsWith('{')) return 'content[0].text does not carry the output'
  // An exact match with the compact form is the common case and spares a parse per call.
  if (block.length === text.length + 11 && block.startsWith('{"text":"') && block.startsWith(text, 9)) return undefined
  return JSON.parse(block).text === text ? undefined : 'content[0].text carries another text'
}
