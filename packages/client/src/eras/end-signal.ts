import { type CloseReason, ConnectionError } from '@bao-mcp/protocol/engine'

/**
 * A signal that aborts when the connection is over, so that nobody is asked and nothing awaited in vain. Made when it is
 * first needed.
 * @param closed never rejects
 */
export function createEndSignal(closed: Promise<CloseReason>): () => AbortSignal {
  let ended: AbortSignal | undefined

  function watch(): AbortSignal {
    const controller = new AbortController()
    void closed.then((reason) => {
      const message = `the connection ended before the result was there: ${reason.message}`
      controller.abort(new ConnectionError('closed', message, { reason }))
    })
    return controller.signal
  }

  return () => {
    ended ??= watch()
    return ended
  }
}
