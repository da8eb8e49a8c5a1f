import { type Clock, type JsonRpcResponse, type RequestId, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { backoffMs } from '../../hub/backoff.ts'
import type { Hub } from '../../hub/port.ts'
import type { ServerLog } from '../../serving.ts'

/** What one node tells another about a session. */
export type NodeMessage =
  /** The client answered something that the addressed node asks. */
  | { kind: 'answer'; session: string; message: JsonRpcResponse }
  /** The client gave up a request, whichever node runs it. */
  | { kind: 'cancel'; session: string; params: { requestId: RequestId; reason?: string } }
  /** The session is over. */
  | { kind: 'ended'; session: string }
  /** Its client wants to hear of a resource, or does not any more. */
  | { kind: 'changed'; session: string; uri: string; isWanted: boolean }
  /** The client reads a stream elsewhere now; of two readers it is the older one that is let go. */
  | { kind: 'moved'; session: string; stream: string }

/** This process among all that serve the same sessions. */
export interface SessionNode {
  /** Letters and digits; unlike that of any other node, also of the past. */
  readonly id: string
  /** Resolves when this node is known and hears the others. @throws {RpcError} -31999 when it has left */
  join(): Promise<void>
  /** Tells one node. */
  tell(node: string, message: NodeMessage): Promise<void>
  /** Tells every other node. */
  tellAll(message: NodeMessage): Promise<void>
  isAlive(node: string): Promise<boolean>
  /** For good. */
  leave(): Promise<void>
}

export interface SessionNodeOptions {
  readonly hub: Hub
  /** Of the definition: only nodes that serve one of the same name share sessions. */
  readonly name: string
  readonly ownerLostMs: number
  readonly log: ServerLog
  readonly clock: Clock
  heard(message: NodeMessage): void
  /** Told when this node hears the others again: what they said meanwhile is lost. */
  missed(): void
}

export function createSessionNode(options: SessionNodeOptions): SessionNode {
  const { hub, log, ownerLostMs, clock } = options
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 16)
  const everybody = `sessions/${options.name}`
  let hasLeft = false
  let known: Promise<() => Promise<void>> | undefined
  let hearing: Promise<() => void> | undefined
  let stopRetrying: (() => void) | undefined

  function hear(text: string): void {
    let told: { from: string; message: NodeMessage }
    try {
      // proof: only tell() and tellAll() below write to these topics
      told = JSON.parse(text)
    } catch (error) {
      // somebody else uses these topics: none of our nodes has said it, so nobody waits for what it asks
      return log.warning(`what came from another node is none of ours: ${String(error)}`)
    }
    if (told.from !== id) options.heard(told.message)
  }

  async function listenToAll(): Promise<() => void> {
    const stops: (() => void)[] = []
    let isOver = false
    const stop = (): void => {
      isOver = true
      for (const one of stops) one()
    }
    const lost = (error: Error): void => {
      if (isOver) return
      stop()
      hearing = undefined
      log.error('this node hears nothing of the others until the hub is back', error)
      retry(1)
    }
    try {
      for (const topic of [topicOf(id), everybody]) stops.push(await hub.listen(topic, hear, lost))
    } catch (error) {
      stop()
      throw error
    }
    if (isOver) stop()
    return stop
  }

  /** Whoever waits for an answer of its client waits for another node to bring it, so this one must come back by itself. */
  function retry(failures: number): void {
    stopRetrying?.()
    if (hasLeft) return
    const again = (): void =>
      void join().then(
        () => options.missed(),
        () => retry(failures + 1),
      )
    stopRetrying = clock.after(backoffMs(failures), again)
  }

  function mustBeHere(): void {
    if (hasLeft) throw new RpcError(SERVER_BUSY, 'the server is shutting down')
  }

  async function join(): Promise<void> {
    mustBeHere()
    try {
      // once and for all: it outlives interruptions
      known ??= hub.join(id, ownerLostMs)
      await known
    } catch (error) {
      known = undefined
      throw error
    }
    mustBeHere()
    try {
      hearing ??= listenToAll()
      await hearing
    } catch (error) {
      hearing = undefined
      throw error
    }
  }

  async function publish(topic: string, message: NodeMessage): Promise<void> {
    await hub.publish(topic, JSON.stringify({ from: id, message }))
  }

  return {
    id,
    join,
    tell: (node, message) => publish(topicOf(node), message),
    tellAll: (message) => publish(everybody, message),
    isAlive: (node) => (node === id ? Promise.resolve(true) : hub.isAlive(node)),
    async leave() {
      hasLeft = true
      stopRetrying?.()
      const [stop, leave] = await Promise.allSettled([hearing, known])
      // one that failed holds nothing
      if (stop.status === 'fulfilled') stop.value?.()
      hearing = undefined
      known = undefined
      if (leave.status === 'fulfilled') await leave.value?.()
    },
  }
}

function topicOf(node: string): string {
  return `node/${node}`
}
