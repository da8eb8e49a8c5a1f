import type { LoggingMessageNotificationParams } from '@bao-mcp/protocol'
import { CANCELLED, type Clock, LOG_MESSAGE, type Notice } from '@bao-mcp/protocol/engine'
import { createCache } from './cache.ts'
import type { CacheStore } from './cache-store.ts'
import { type Changes, createChanges, createWish } from './changes.ts'
import { type Client, createClient } from './client.ts'
import { guarded } from './listeners.ts'
import { type ClientMiddleware, compose } from './middleware.ts'
import type { Session } from './session.ts'
import type { Transport } from './transports/transport.ts'

/** Who hears what the server tells, and where what it answered is kept. */
export interface FaceOptions {
  /** Hears every notice that belongs to no call. */
  onNotice?: (notice: Notice) => void
  /** Hears log messages of the server. */
  onLog?: (message: LoggingMessageNotificationParams) => void
  /** Hears that the list of tools is another one now, or may be. */
  onToolsChanged?: () => void
  /** Hears that the list of prompts is another one now, or may be. */
  onPromptsChanged?: () => void
  /** Hears that the lists of resources and of templates are others now, or may be. */
  onResourcesChanged?: () => void
  /** Hears that a resource which `subscribe` was called for, or a part of it, has other contents now, or may have. */
  onResourceUpdated?: (uri: string) => void
  /** Sees every request and every result; the first is the outermost. Default: none. */
  middleware?: readonly ClientMiddleware[]
  /** Where results are kept that the server calls public, so that clients may share them. Default: in this client. */
  cacheStore?: CacheStore
}

/** What stands between a conversation and its user: made before the conversation opens, and put in front of it then. */
export interface Face {
  /** Takes the notices that belong to no call. */
  hear(notice: Notice): void
  missed(): void
  over(session: Session): Client
}

export interface FaceParts {
  readonly clock: Clock
  random(): number
  readonly maxTotalTimeoutMs: number
  report(message: string): void
  /** Takes notices as well, before they are told. */
  completed(notice: Notice): void
}

export function createFace(transport: Transport, options: FaceOptions, parts: FaceParts): Face {
  const { clock, report, random, maxTotalTimeoutMs, completed } = parts
  const { cacheStore: store, onResourceUpdated } = options
  const principal = (): string | undefined => transport.principal
  const cache = createCache({
    server: transport.identity,
    principal,
    identify: transport.identify,
    store,
    clock,
    report,
  })
  const changes = createChanges(cache, report)
  wishFor(changes, options)
  const onNotice = guarded(options.onNotice)
  const onLog = guarded(options.onLog)

  function hear(notice: Notice): void {
    // it names a request that is over: the two crossed
    if (notice.method === CANCELLED) return
    completed(notice)
    changes.hear(notice)
    onNotice(notice)
    // proof: the level and the data of a log message are the server's word and are displayed, not acted on
    if (notice.method === LOG_MESSAGE) onLog((notice.params ?? {}) as LoggingMessageNotificationParams)
  }

  return {
    hear,
    missed: changes.missed,
    over(session) {
      changes.open(session.listen)
      const sessionMark = (): number => session.renewals
      return createClient({
        session,
        request: compose(options.middleware ?? [], session.request),
        cache,
        changes,
        clock,
        random,
        maxTotalTimeoutMs,
        sessionMark,
        hear,
        onResourceUpdated,
      })
    },
  }
}

function wishFor(changes: Changes, { onToolsChanged, onPromptsChanged, onResourcesChanged }: FaceOptions): void {
  if (onToolsChanged !== undefined) changes.keep(createWish({ tools: true }, () => onToolsChanged()))
  if (onPromptsChanged !== undefined) changes.keep(createWish({ prompts: true }, () => onPromptsChanged()))
  if (onResourcesChanged !== undefined) changes.keep(createWish({ resources: true }, () => onResourcesChanged()))
}
