import type { ServerCapabilities } from '@bao-mcp/protocol'
import type { LogLevel, MaybePromise } from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'

/**
 * What a conversation remembers between its requests: on a pipe for as long as the pipe is open, over HTTP in the hub. What
 * changes it resolves once that is kept.
 */
export interface ConversationMemory {
  /** What the handshake settled; undefined before it. */
  readonly facts: RequestFacts | undefined
  /** What the handshake told the client, which is all it can be expected to listen for. */
  readonly declared: ServerCapabilities
  /** Resources the client wants to hear of. */
  readonly uris: ReadonlySet<string>
  open(facts: RequestFacts, declared: ServerCapabilities): MaybePromise<void>
  setLogLevel(level: LogLevel): MaybePromise<void>
  subscribe(uri: string): MaybePromise<void>
  unsubscribe(uri: string): MaybePromise<void>
}

/** A memory that lasts as long as its pipe. */
export function pipeMemory(): ConversationMemory {
  let facts: RequestFacts | undefined
  let declared: ServerCapabilities = {}
  const uris = new Set<string>()
  return {
    get facts() {
      return facts
    },
    get declared() {
      return declared
    },
    uris,
    open(settled, told) {
      facts = settled
      declared = told
    },
    setLogLevel(logLevel) {
      if (facts !== undefined) facts = { ...facts, logLevel }
    },
    subscribe: (uri) => void uris.add(uri),
    unsubscribe: (uri) => void uris.delete(uri),
  }
}
