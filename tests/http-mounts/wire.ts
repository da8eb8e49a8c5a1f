export interface Message {
  jsonrpc?: string
  id?: string | number
  method?: string
  params?: { progress?: number }
  result?: { content?: { text: string }[]; protocolVersion?: string }
  error?: { code: number; message: string }
}

export const VERSION = '2025-11-25'
const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** Calls a tool in the modern era. `meta` joins the metadata of the request. */
export function callTool(
  url: URL,
  name: string,
  { args = {}, meta = {}, signal }: { args?: object; meta?: object; signal?: AbortSignal } = {},
): Promise<Response> {
  return ask(url, 'tools/call', { name, arguments: args, _meta: { ...META, ...meta } }, { name, signal })
}

/** Subscribes to changes of the list of tools, in the modern era. */
export function listen(url: URL): Promise<Response> {
  return ask(url, 'subscriptions/listen', { notifications: { toolsListChanged: true }, _meta: META })
}

function ask(
  url: URL,
  method: string,
  params: object,
  { name, signal }: { name?: string; signal?: AbortSignal | undefined } = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      ...TYPES,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    ...(signal !== undefined && { signal }),
  })
}

/** Posts one message of the older era. */
export function post(url: URL, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...TYPES, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  })
}

/** The messages of a response, as they arrive: the body of a JSON answer, the events of a stream. */
export async function* messagesOf(response: Response): AsyncGenerator<Message> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield JSON.parse(await response.text())
    return
  }
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = event.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
      // the event that opens a stream has an id and no data
      if (data.join('') !== '') yield JSON.parse(data.join('\n'))
    }
  }
}

/** The last message of a response, which is its answer. */
export async function answerOf(response: Response): Promise<Message> {
  let last: Message = {}
  for await (const message of messagesOf(response)) last = message
  return last
}

/** The text a call was answered with. */
export function textOf(answer: Message): string | undefined {
  return answer.result?.content?.[0]?.text
}
