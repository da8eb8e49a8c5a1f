/** What the floor answers, over whatever the requests come. */

export interface Asked {
  id?: number | string
  method: string
  params?: { arguments?: { text: string }; _meta?: Record<string, unknown> }
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const info = { name: 'floor', version: '1.0.0' }
const stamp = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': info } }
const fresh = { ttlMs: 0, cacheScope: 'public' }
const capabilities = { tools: {} }
const shape = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
const tools = [{ name: 'echo', description: 'Echo', inputSchema: shape, outputSchema: shape }]

/** The whole answer to a request. */
export function answerTo(asked: Asked): object {
  const result = resultOf(asked)
  return result
    ? { jsonrpc: '2.0', id: asked.id, result }
    : { jsonrpc: '2.0', id: asked.id, error: { code: -32601, message: 'method not found' } }
}

function resultOf({ method, params }: Asked): object | undefined {
  const modern = params?._meta?.[VERSION_KEY] !== undefined
  switch (method) {
    case 'tools/call': {
      const output = { text: params?.arguments?.text }
      const result = { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output }
      return modern ? { ...result, ...stamp } : result
    }
    case 'tools/list':
      return modern ? { tools, ...fresh, ...stamp } : { tools }
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities, serverInfo: info }
    case 'server/discover':
      return { supportedVersions: ['2026-07-28', '2025-11-25'], capabilities, ...fresh, ...stamp }
    case 'ping':
      return {}
  }
  return undefined
}
