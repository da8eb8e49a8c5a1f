import type { JsonRpcResponse, RequestId } from '@bao-mcp/protocol/engine'
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
  /** Its record has changed. */
  | { kind: 'changed'; session: string }
  /** The client reads a stream elsewhere now; of two readers it is the older one that is let go. */
  | { kind: 'moved'; session: string; stream: string; reader: string }

/** This process among all that serve the same sessions. */
export interface SessionNode {
  /** Letters and digits; unlike that of any other node, also of the past. */
  readonly id: string
  /** Resolves when this node is known and hears the others. */
  join(): Promise<void>
  /** Tells one node. */
  tell(node: string, message: NodeMessage): Promise<void>
  /** Tells every other node. */
  tellAll(message: NodeMessage): Promise<void>
  isAlive(node: string): Promise<boolean>
  leave(): Promise<void>
}

export interface SessionNodeOptions {
  readonly hub: Hub
  /** Of the definition: only nodes that serve one of the same name share sessions. */
  readonly name: string
  readonly ownerLostMs: number
  readonly log: ServerLog
  heard(message: NodeMessage): void
}

export function createSessionNode(options: SessionNodeOptions): SessionNode {
  const { hub, log, ownerLostMs } = options
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 16)
  const everybody = `sessions/${options.name}`
  let joined: Promise<(() => unknown)[]> | undefined

  function hear(text: string): void {
    // proof: only tell() and tellAll() below write to these topics
    const { from, message } = JSON.parse(text) as { from: string; message: NodeMessage }
    if (from !== id) options.heard(message)
  }

  function lost(error: Error): void {
    log.error('this node hears nothing of the others until the hub is back', error)
    // whoever needs the others next joins them again
    joined = undefined
  }

  async function joinAll(): Promise<(() => unknown)[]> {
    const leave = await hub.join(id, ownerLostMs)
    return [leave, await hub.listen(topicOf(id), hear, lost), await hub.listen(everybody, hear, lost)]
  }

  async function publish(topic: string, message: NodeMessage): Promise<void> {
    await hub.publish(topic, JSON.stringify({ from: id, message }))
  }

  return {
    id,
    async join() {
      joined ??= joinAll()
      try {
        await joined
      } catch (error) {
        joined = undefined
        throw error
      }
    },
    tell: (node, message) => publish(topicOf(node), message),
    tellAll: (message) => publish(everybody, message),
    isAlive: (node) => (node === id ? Promise.resolve(true) : hub.isAlive(node)),
    async leave() {
      const leaving = joined
      joined = undefined
      for (const leave of (await leaving) ?? []) await leave()
    },
  }
}

function topicOf(node: string): string {
  return `node/${node}`
}
