import type { Clock } from '@bao-mcp/protocol/engine'
import type { RedisLink } from '../runtime/port.ts'
import { later } from './delivery.ts'
import { HubError } from './error.ts'
import type { RedisCommands } from './redis-commands.ts'
import type { RedisConnection } from './redis-connection.ts'

/** Who hears what is published on a channel. */
export interface ChannelListener {
  heard(text: string): void
  /** Texts may be missing from now on, until it is healed. */
  interrupted?(): void
  /** Texts come again; what is missing may be fetched. */
  healed?(): Promise<void>
  /** Told once, when it took too long to heal. Nothing comes after it. */
  lost?(error: HubError): void
}

/** The one connection that listens, and comes back to everything it listened to. */
export interface RedisSubscriber {
  /** Resolves once everything published from then on is heard. */
  subscribe(what: string, channel: string, listener: ChannelListener): Promise<() => void>
  /** To be called when the connection's link is over. */
  linkLost(): void
  close(): void
}

export interface RedisSubscriberOptions {
  connection: RedisConnection
  commands: RedisCommands
  clock: Clock
  reconnectWithinMs: number
  /** Milliseconds between two looks whether the link still answers, while somebody listens. */
  heartbeatMs: number
}

interface Channel {
  readonly listeners: Set<ChannelListener>
  ready: Promise<unknown>
}

interface Outage {
  readonly over: Promise<void>
  end(): void
}

export function createRedisSubscriber(options: RedisSubscriberOptions): RedisSubscriber {
  const { connection, commands, clock, reconnectWithinMs, heartbeatMs } = options
  const channels = new Map<string, Channel>()
  let outage: Outage | undefined
  let stopHeartbeat: (() => void) | undefined

  function everyone(): ChannelListener[] {
    return [...channels.values()].flatMap((channel) => [...channel.listeners])
  }

  function listenOn(link: RedisLink, name: string): Promise<void> {
    return link.subscribe(name, (text) => {
      for (const listener of channels.get(name)?.listeners ?? []) listener.heard(text)
    })
  }

  function beat(): void {
    stopHeartbeat = clock.after(heartbeatMs, () => {
      // a link that does not answer is dropped for it, which begins an outage; another failure has begun one already
      if (outage === undefined) commands.run('check its connection', 'PING').catch(() => undefined)
      beat()
    })
  }

  function leave(name: string, listener: ChannelListener): void {
    const channel = channels.get(name)
    if (channel === undefined || !channel.listeners.delete(listener) || channel.listeners.size > 0) return
    channels.delete(name)
    if (channels.size === 0) {
      stopHeartbeat?.()
      stopHeartbeat = undefined
      outage?.end()
    }
    // a link that is over listens to nothing, so there is nothing left to do then
    connection.link?.unsubscribe(name).catch(() => undefined)
  }

  function loseAll(cause: unknown): void {
    const listeners = everyone()
    channels.clear()
    stopHeartbeat?.()
    stopHeartbeat = undefined
    // one that listens already would hear everything twice for whoever listens next
    if (connection.link !== undefined) connection.drop(connection.link)
    const why = `redis was out of reach for longer than ${reconnectWithinMs} ms (reconnectWithinMs)`
    const error = new HubError('keep listening', why, cause)
    for (const listener of listeners) later(() => listener.lost?.(error))
  }

  function beginOutage(): void {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    let failure: unknown
    const current: Outage = {
      over,
      end() {
        if (outage !== current) return
        outage = undefined
        stopTimer()
        resolve()
      },
    }
    outage = current
    const stopTimer = clock.after(reconnectWithinMs, () => {
      current.end()
      loseAll(failure)
    })
    // it never rejects: what fails is tried again until the outage ends
    void heal(
      () => outage === current,
      (error) => {
        failure = error
      },
    ).then(current.end)
  }

  async function heal(isOut: () => boolean, failed: (error: unknown) => void): Promise<void> {
    while (isOut()) {
      for (const listener of everyone()) listener.interrupted?.()
      let link: RedisLink | undefined
      try {
        link = await connection.open()
        // whoever listens by now has seen to it
        if (!isOut()) return
        const open = link
        await Promise.all([...channels.keys()].map((name) => listenOn(open, name)))
        await Promise.all(everyone().map((listener) => listener.healed?.()))
        if (connection.link === link) return
      } catch (error) {
        failed(error)
        // half healed is not healed: another link, after a while
        if (link !== undefined && isOut()) connection.drop(link)
      }
    }
  }

  return {
    async subscribe(what, name, listener) {
      if (outage !== undefined) await commands.within(what, outage.over)
      let channel = channels.get(name)
      if (channel === undefined) {
        channel = { listeners: new Set(), ready: commands.use(what, (link) => listenOn(link, name)) }
        channels.set(name, channel)
        if (stopHeartbeat === undefined) beat()
      }
      channel.listeners.add(listener)
      try {
        await channel.ready
      } catch (error) {
        leave(name, listener)
        throw error
      }
      return () => leave(name, listener)
    },
    linkLost() {
      if (channels.size > 0 && outage === undefined) beginOutage()
    },
    close() {
      stopHeartbeat?.()
      channels.clear()
      outage?.end()
      commands.close()
    },
  }
}
