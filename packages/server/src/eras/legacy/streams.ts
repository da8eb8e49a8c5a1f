import type { AuthInfo } from '../../http/auth/auth-info.ts'
import type { HttpCore } from '../../http/incoming.ts'
import { whenExpired } from '../../http/token-expiry.ts'
import { findKept, logName, readEventId } from './event-log.ts'
import type { SessionNode } from './node.ts'
import { ended, gone, type OpenStream, resumeStream } from './resume.ts'
import { type KnownSession, unknownSession } from './sessions.ts'
import { openStandalone, readPosition, STANDALONE } from './standalone.ts'

/** Opens what clients read with GET. */
export interface Streams {
  /**
   * @param lastEventId where the client goes on; null where it begins to listen for changes
   * @param auth who reads; a reader is let go when its token has expired
   * @throws {HttpFault} 400 for a place that is none, or of which nothing is kept; 405 for the end of one that is over
   */
  open(session: KnownSession, lastEventId: string | null, auth: AuthInfo | undefined): Promise<Response>
}

export interface StreamsOptions {
  readonly core: HttpCore
  readonly node: SessionNode
  /** Told whenever a stream of a session is over. */
  onOver(session: KnownSession, name: string): void
}

/** One reader of one stream, also while it is being opened. */
interface Reader {
  detach(): void
}

export function createStreams({ core, node, onOver }: StreamsOptions): Streams {
  const { hub } = core.serving.server
  let tags = 0

  /** Of two readers of one stream it is the older one that is let go, wherever it reads. */
  async function replace(
    session: KnownSession,
    name: string,
    auth: AuthInfo | undefined,
    open: (onOver: () => void) => Promise<OpenStream>,
  ): Promise<Response> {
    let opened: OpenStream | undefined
    let isLetGo = false
    const reader: Reader = {
      detach() {
        isLetGo = true
        opened?.detach()
      },
    }
    const stopWaiting = whenExpired(auth, core.clock, () => reader.detach())
    const forget = (): void => {
      stopWaiting?.()
      if (session.streams.get(name) === reader) session.streams.delete(name)
      onOver(session, name)
    }
    session.ways.get(name)?.detach()
    session.streams.get(name)?.detach()
    session.streams.set(name, reader)
    try {
      await node.tellAll({ kind: 'moved', session: session.id, stream: name })
      opened = await open(forget)
    } catch (error) {
      forget()
      throw error
    }
    // meanwhile a newer reader has come, or the session has ended
    if (isLetGo) opened.detach()
    if (session.isOver) throw unknownSession()
    return opened.response
  }

  function nextTag(): string {
    return `${node.id}-${(tags++).toString(36)}`
  }

  async function listen(
    session: KnownSession,
    after: string | undefined,
    auth: AuthInfo | undefined,
  ): Promise<Response> {
    const { memory } = session
    const tag = nextTag()
    return replace(session, STANDALONE, auth, (over) => openStandalone({ core, memory, after, tag, onOver: over }))
  }

  return {
    async open(session, lastEventId, auth) {
      const resumes = session.memory.facts?.revision.http.resumesStreams === true
      if (!resumes || lastEventId === null || lastEventId === '') return listen(session, undefined, auth)
      const after = readPosition(lastEventId)
      if (after !== undefined) return listen(session, after, auth)
      const place = readEventId(lastEventId)
      if (place === undefined) throw gone('Last-Event-ID is none of this server')
      const kept = await findKept(hub, logName(session.id, place.stream))
      if (kept === undefined) throw gone('nothing is kept of it any more (replayTtlMs, or a full hub)')
      if (kept.last !== undefined && place.number >= kept.last) throw ended()
      const primes = kept.last === undefined && session.memory.facts?.revision.http.primesStreams === true
      return replace(session, place.stream, auth, (over) =>
        resumeStream({ core, node, session: session.id, place, kept, tag: nextTag(), primes, onOver: over }),
      )
    },
  }
}
