import type { Answer, CallSettings, Driver, Reply } from './driver.ts'
import { createRecord, type Record } from './record.ts'

export type ListKind = 'tools' | 'prompts' | 'resources' | 'resourceTemplates'
export type Changed = Exclude<ListKind, 'resourceTemplates'>

export interface HttpSettings {
  /** The one handshake version to agree on. */
  handshake?: string
  /** Sent with every request. */
  token?: string
}

/** What a client heard and was asked. */
export interface Heard {
  reply: Reply
  /** Every question, as it reached the client's handler. */
  readonly questions: Record<{ method: string; params: unknown }>
  readonly logs: Record<{ level: string; data: unknown; logger?: string | undefined }>
  readonly updates: Record<string>
  readonly changes: Record<Changed>
  /** What the client told its `onerror`. */
  readonly errors: Record<unknown>
  /** Every response, in order: its request's method, and its status. */
  readonly exchanges: Record<{ method: string; status: number; type: string; lastEventId: string | null }>
}

export interface HttpCallSettings extends CallSettings {
  /** Told each place in its stream from which the call could be gone on with. */
  onPlace?: (id: string) => void
}

/** An official client over HTTP, with everything it can do. Results are what the client gave, unchanged. */
export interface HttpDriver extends Driver {
  readonly generation: 1 | 2
  readonly heard: Heard
  readonly sessionId: string | undefined
  readonly about: { server: unknown; capabilities: unknown; instructions: string | undefined }
  call(name: string, args?: { [argument: string]: unknown }, settings?: HttpCallSettings): Promise<Answer>
  raw(name: string, args?: object, signal?: AbortSignal): Promise<object>
  /** Calls a tool that logs, from this level on, and returns when the answer is there. */
  callLogging(level: 'debug' | 'warning', name: string): Promise<void>
  /** One page. */
  list(kind: ListKind, cursor?: string): Promise<{ names: string[]; nextCursor: string | undefined }>
  read(uri: string): Promise<object>
  prompt(name: string, args?: { [argument: string]: string }): Promise<object>
  complete(ref: { prompt: string } | { template: string }, argument: string, value: string): Promise<string[]>
  subscribe(uri: string): Promise<{ end(): Promise<void> }>
  /** Ends the session by DELETE. */
  terminate(): Promise<void>
  close(): Promise<void>
}

export function createHeard(): Heard {
  return {
    reply: { action: 'accept', content: { name: 'Ada' } },
    questions: createRecord(),
    logs: createRecord(),
    updates: createRecord(),
    changes: createRecord(),
    errors: createRecord(),
    exchanges: createRecord(),
  }
}

export const SAMPLED = {
  role: 'assistant' as const,
  model: 'parrot',
  content: { type: 'text' as const, text: 'sunny' },
}
export const USED_TOOL = {
  role: 'assistant' as const,
  model: 'parrot',
  stopReason: 'toolUse',
  content: [{ type: 'tool_use' as const, id: 'u1', name: 'weather', input: { city: 'Hue' } }],
}
export const ROOTS = [{ uri: 'file:///home/ada', name: 'home' }]

/** A fetch that notes every exchange, and offers another handshake version where that is asked for. */
export function observedFetch(heard: Heard, handshake: string | undefined): typeof fetch {
  const observed = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const body = init?.body
    const message: { method?: string; params?: { protocolVersion?: string } } =
      typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : {}
    let sent = init
    if (message.method === 'initialize' && handshake !== undefined) {
      const params = { ...message.params, protocolVersion: handshake }
      sent = { ...init, body: JSON.stringify({ ...message, params }) }
    }
    const response = await fetch(input, sent)
    heard.exchanges.add({
      method: message.method ?? init?.method ?? 'GET',
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      lastEventId: new Headers(init?.headers).get('last-event-id'),
    })
    return response
  }
  return Object.assign(observed, { preconnect: fetch.preconnect })
}
