import { encodeMessage, encodeSseEvent, notification, RESOURCE_UPDATED } from '@bao-mcp/protocol/engine'
import type { HttpCore } from '../../http/incoming.ts'
import { openStream } from '../../http/open-stream.ts'
import { sseResponse } from '../../http/respond.ts'
import type { Change } from '../../shared-changes.ts'
import { LIST_CHANGED } from '../changes-notices.ts'
import { coalescing } from '../coalesce.ts'
import type { ConversationMemory } from './memory.ts'
import type { OpenStream } from './resume.ts'

/** The name of the one stream of a session that belongs to no request. */
export const STANDALONE = 'changes'

export interface StandaloneOptions {
  readonly core: HttpCore
  readonly memory: ConversationMemory
  /** The position behind which the client goes on; undefined where it begins. */
  readonly after: string | undefined
  /** Unlike that of any other stream of the session. */
  readonly tag: string
  onOver(): void
}

/** The position in the log of changes that an event id stands for; undefined when it is no id of this stream. */
export function readPosition(eventId: string): string | undefined {
  return /^changes\.([A-Za-z\d-]{1,40})(?:\.[a-z\d-]{1,40})?$/.exec(eventId)?.[1]
}

/**
 * Opens the stream a session is told of changes by. Nothing of it is kept for each session: its place is one in the log of
 * changes that all sessions share. Several changes of the same kind in one tick are told as one.
 * @throws {HubError} when the hub is out of reach
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
export async function openStandalone(options: StandaloneOptions): Promise<OpenStream> {
  const { core, memory, after, tag, onOver } = options
  const { server, log } = core.serving
  const { resumesStreams = false, primesStreams = false } = memory.facts?.revision.http ?? {}
  const from = resumesStreams ? after : undefined
  const isKnown = from !== undefined && (await server.changeLog.has(from))
  // a client that is away before the first change can only come back to what it was told here
  const start = primesStreams && !isKnown ? await server.changeLog.here() : undefined
  let stopFollowing: (() => void) | undefined
  let over = false
  const stream = openStream(core, finish)
  // some servers send the head of a response only with the first of its body
  stream.keepAlive()
  if (start !== undefined) void stream.write(encodeSseEvent({ id: `${STANDALONE}.${start}.${tag}`, data: '' }))

  const tell = coalescing<string | undefined>((text, position) => {
    const id = position === undefined ? undefined : `${STANDALONE}.${position}`
    return stream.write(encodeSseEvent({ data: text, ...(id !== undefined && { id }) }))
  })
  /** The positions of what came in this tick, by what is told of it. */
  const fresh = new Map<string, string | undefined>()

  function finish(): void {
    if (over) return
    over = true
    stopFollowing?.()
    core.keepAlive.remove(stream)
    onOver()
  }

  function end(): void {
    stream.end()
    finish()
  }

  function change(position: string | undefined, changed: Change): void {
    const notice = noticeOf(memory, changed)
    if (notice === undefined || over) return
    if (fresh.size === 0) queueMicrotask(tellFresh)
    // what came last stands last, so that ids never go back
    fresh.delete(notice)
    fresh.set(notice, position)
  }

  function tellFresh(): void {
    const told = [...fresh]
    fresh.clear()
    for (const [notice, position] of told) tell(notice, position)
  }

  try {
    stopFollowing = await server.changeLog.follow(isKnown ? from : undefined, {
      change: (position, changed) => change(resumesStreams ? position : undefined, changed),
      lost(error) {
        log.error('a stream of changes cannot be followed any more', error)
        end()
      },
    })
  } catch (error) {
    finish()
    throw error
  }
  if (over) stopFollowing()
  // what is no longer kept may have been anything; told now, because what comes from now on is heard
  if (from !== undefined && !isKnown) {
    for (const kind of ['tools', 'resources', 'prompts'] as const) change(undefined, { kind })
    for (const uri of memory.uris) change(undefined, { uri })
  }
  return { response: sseResponse(stream), detach: end }
}

/** The notification of a change, as JSON text; undefined when the client does not listen for it. */
function noticeOf(memory: ConversationMemory, change: Change): string | undefined {
  if ('uri' in change) {
    return memory.uris.has(change.uri) ? encodeMessage(notification(RESOURCE_UPDATED, { uri: change.uri })) : undefined
  }
  if (memory.declared[change.kind]?.listChanged !== true) return undefined
  return encodeMessage(notification(LIST_CHANGED[change.kind], undefined))
}
