import type { ServerCapabilities } from '@bao-mcp/protocol'
import { ConnectionError, isJsonObject, type Notice } from '@bao-mcp/protocol/engine'
import type { ClientSide, Session } from '../session.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/**
 * Opens a subscription to changes of the tool list, where the server offers any; what arrives goes to `side.hear`.
 * A subscription that fails or is not honoured is reported and ends nothing else.
 * @returns what ends the subscription, telling the server
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export function listenForToolChanges(
  request: Session['request'],
  side: Pick<ClientSide, 'hear' | 'stray'>,
  capabilities: ServerCapabilities,
): () => void {
  const closing = new AbortController()
  if (capabilities.tools?.listChanged !== true) return () => closing.abort()

  function onNotice(notice: Notice): void {
    if (notice.method !== ACKNOWLEDGED) return side.hear(notice)
    const honoured = notice.params?.notifications
    if (!isJsonObject(honoured) || honoured.toolsListChanged !== true) report('the server does not honour it')
  }

  function report(words: string): void {
    side.stray({ kind: 'invalid', message: `subscription to changes of the tool list: ${words}` })
  }

  const forEver = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }
  const params = { notifications: { toolsListChanged: true } }
  request('subscriptions/listen', params, { ...forEver, signal: closing.signal, onNotice }).then(
    () => report('the server ended it'),
    (error: unknown) => {
      // the end of the connection reports itself, and this side knows what it closed
      if (closing.signal.aborted || (error instanceof ConnectionError && error.code === 'closed')) return
      report(error instanceof Error ? error.message : String(error))
    },
  )
  return () => closing.abort(new DOMException('the client closes', 'AbortError'))
}
