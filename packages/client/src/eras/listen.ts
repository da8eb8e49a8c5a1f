import type { ServerCapabilities } from '@bao-mcp/protocol'
import { CANCELLED, ConnectionError, isJsonObject, META, type Notice } from '@bao-mcp/protocol/engine'
import type { ClientSide, Session } from '../session.ts'

const ENDED = 'the server ended it'
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/** An open subscription. */
export interface Listening {
  /** Takes a notice that belongs to no call; true when it ended the subscription. */
  ends(notice: Notice): boolean
  /** Ends the subscription, telling the server. */
  stop(): void
}

/**
 * Opens a subscription to changes of the tool list, where the server offers any; what arrives goes to `side.hear`.
 * A subscription that fails or is not honoured is reported and ends nothing else.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export function listenForToolChanges(
  request: Session['request'],
  side: Pick<ClientSide, 'hear' | 'stray'>,
  capabilities: ServerCapabilities,
): Listening | undefined {
  if (capabilities.tools?.listChanged !== true) return undefined
  const closing = new AbortController()
  let id: unknown
  let over = false

  function onNotice(notice: Notice): void {
    if (notice.method !== ACKNOWLEDGED) return side.hear(notice)
    const { params } = notice
    const meta = params?._meta
    id = isJsonObject(meta) ? meta[META.subscriptionId] : undefined
    const honoured = params?.notifications
    if (!isJsonObject(honoured) || honoured.toolsListChanged !== true) report('the server does not honour it')
  }

  function end(words: string): void {
    if (!over) report(words)
    over = true
  }

  function report(words: string): void {
    side.stray({ kind: 'invalid', message: `subscription to changes of the tool list: ${words}` })
  }

  const forEver = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }
  const params = { notifications: { toolsListChanged: true } }
  request('subscriptions/listen', params, { ...forEver, signal: closing.signal, onNotice }).then(
    () => end(ENDED),
    (error: unknown) => {
      // the end of the connection reports itself
      if (error instanceof ConnectionError && error.code === 'closed') return
      end(error instanceof Error ? error.message : String(error))
    },
  )

  return {
    ends(notice) {
      // a server that tears a subscription down may answer it, cancel it, or do both in any order
      if (notice.method !== CANCELLED || id === undefined || notice.params?.requestId !== id) return false
      end(ENDED)
      closing.abort(new DOMException(ENDED, 'AbortError'))
      return true
    },
    stop() {
      over = true
      closing.abort(new DOMException('the client closes', 'AbortError'))
    },
  }
}
