import type { TapMessage } from '@bao-mcp/client'
import { isJsonObject } from '@bao-mcp/protocol/engine'

/** A message of the conversation between backend and bridge, in the words of a reader. */
export interface MessageLine {
  readonly arrow: '→' | '←'
  readonly title: string
  readonly detail: string
}

/** What keeps a conversation going and tells a first reader nothing. */
const HOUSEKEEPING = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'subscriptions/listen',
  'notifications/subscriptions/acknowledged',
])

/** Tells messages in one line each, and those that are housekeeping in none. */
export function createMessageLines(): (seen: Pick<TapMessage, 'direction' | 'message'>) => MessageLine[] {
  /** Methods by the id of their request. */
  const asked = new Map<unknown, string>()

  function line(direction: TapMessage['direction'], message: unknown): MessageLine | undefined {
    const arrow = direction === 'sent' ? '→' : '←'
    if (!isJsonObject(message)) return { arrow, title: 'unreadable', detail: '' }
    const { id, method, params, result, error } = message
    if (typeof method === 'string') {
      if (id !== undefined) asked.set(id, method)
      return HOUSEKEEPING.has(method) ? undefined : { arrow, ...told(method, isJsonObject(params) ? params : {}) }
    }
    const answered = asked.get(id) ?? ''
    asked.delete(id)
    if (HOUSEKEEPING.has(answered)) return undefined
    if (isJsonObject(error)) return { arrow, title: 'error', detail: brief(error.message) }
    return { arrow, ...summed(isJsonObject(result) ? result : {}) }
  }

  return ({ direction, message }) => {
    const messages: unknown[] = Array.isArray(message) ? message : [message]
    return messages.flatMap((one) => line(direction, one) ?? [])
  }
}

type Members = Readonly<Record<string, unknown>>
type Words = Omit<MessageLine, 'arrow'>

function told(method: string, params: Members): Words {
  if (method === 'tools/call') return { title: `${method} ${brief(params.name)}`, detail: brief(params.arguments) }
  const isProgress = method === 'notifications/progress'
  return { title: method, detail: isProgress ? brief(params.message ?? params.progress) : '' }
}

/** What matters of a result, without its metadata. */
function summed(result: Members): Words {
  const { tools, supportedVersions, protocolVersion, structuredContent, content, isError } = result
  if (isError === true) return { title: 'refusal', detail: brief(content) }
  const title = 'result'
  if (Array.isArray(tools)) return { title, detail: `${tools.length} tools` }
  const versions = protocolVersion ?? supportedVersions
  return { title, detail: versions === undefined ? brief(structuredContent) : `speaks ${String(versions)}` }
}

function brief(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
