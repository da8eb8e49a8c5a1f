import { encodeMessage, encodeSseEvent, notification, RESOURCE_UPDATED } from '@bao-mcp/protocol/engine'
import type { HttpCore } from '../../http/incoming.ts'
import { sseResponse } from '../../http/respond.ts'
import { createSseStream } from '../../http/sse-stream.ts'
import type { Change } from '../../shared-changes.ts'
import { LIST_CHANGED } from '../changes-notices.ts'
import { coalescing } from '../coalesce.ts'
import type { ConversationMemory } from './memory.ts'
import type { ResumedStream } from './resume.ts'

/** The name of the one stream of a session that belongs to no request. */
export const STANDALONE = 'changes'

export interface StandaloneOptions {
  readonly core: HttpCore
  readonly memory: ConversationMemory
  /** The position behind which the client goes on; undefined where it begins. */
  readonly after: string | undefined
  onOver(): void
}

/**
 * Opens the stream a session is told of changes by. Nothing of it is kept for each session: its place is one in the log of
 * changes that all sessions share.
 * @throws {HttpFault} 400 for a place that is none
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
export async function openStandalone({ core, memory, after, onOver }: StandaloneOptions): Promise<ResumedStream> {
  const { server, log } = core.serving
  let stopFollowing: (() => void) | undefined
  let over = false
  const stream = createSseStream({
    highWaterLength: core.limits.highWaterLength,
    maxOutboundLength: core.limits.maxOutboundLength,
    stalledReaderMs: core.limits.stalledReaderMs,
    clock: core.clock,
    onGone: finish,
  })
  core.keepAlive.add(stream)
  // some servers send the head of a response only with the first of its body
  stream.keepAlive()
  const tell = coalescing<{ position: string | undefined; text: string }>((_key, { position, text }) => {
    const id = position === undefined ? undefined : `${STANDALONE}.${position}`
    return stream.write(encodeSseEvent({ data: text, ...(id !== undefined && { id }) }))
  })

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
    if (notice !== undefined) tell(notice, { position, text: notice })
  }

  const resumes = memory.facts?.revision.http.resumesStreams === true
  const from = resumes ? after : undefined
  try {
    // what is no longer kept may have been anything
    if (from !== undefined && !(await server.changeLog.has(from))) {
      for (const kind of ['tools', 'resources', 'prompts'] as const) change(undefined, { kind })
      for (const uri of memory.uris) change(undefined, { uri })
      stopFollowing = await follow(undefined)
    } else stopFollowing = await follow(from)
  } catch (error) {
    finish()
    throw error
  }
  if (over) stopFollowing()
  return { response: sseResponse(stream.body), detach: end }

  function follow(behind: string | undefined): Promise<() => void> {
    return server.changeLog.follow(behind, {
      change: (position, changed) => change(resumes ? position : undefined, changed),
      lost(error) {
        log.error('a stream of changes cannot be followed any more', error)
        end()
      },
    })
  }
}

/** The notification of a change, as JSON text; undefined when the client does not listen for it. */
function noticeOf(memory: ConversationMemory, change: Change): string | undefined {
  if ('uri' in change) {
    return memory.uris.has(change.uri) ? encodeMessage(notification(RESOURCE_UPDATED, { uri: change.uri })) : undefined
  }
  if (memory.declared[change.kind]?.listChanged !== true) return undefined
  return encodeMessage(notification(LIST_CHANGED[change.kind], undefined))
}
