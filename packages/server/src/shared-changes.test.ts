import { describe, expect, test } from 'bun:test'
import { eachEra, type FakeClock, fakeClock, microtasks } from '../test/kit.ts'
import { createChanges } from './changes.ts'
import { HubError } from './hub/error.ts'
import { memoryHub } from './hub/memory.ts'
import type { Hub } from './hub/port.ts'
import { createServer, type Server } from './server.ts'
import { type Change, createSharedChanges, type SharedChanges, type SharedChangesOptions } from './shared-changes.ts'

const LIST = 'tools'

interface Node extends SharedChanges {
  readonly clock: FakeClock
  readonly failures: unknown[]
  /** What its listeners heard: kinds of lists and URIs. */
  readonly heard: string[]
  listen(): () => void
}

async function node(hub: Hub, options: Partial<SharedChangesOptions> = {}): Promise<Node> {
  const clock = fakeClock()
  const failures: unknown[] = []
  const heard: string[] = []
  const failed = (error: unknown): void => void failures.push(error)
  const made = createSharedChanges({ hub, name: 's', shared: true, failed, clock, ...options })
  await microtasks()
  const listen = (): (() => void) => {
    const stops = [
      made.changes.subscribe((kind) => heard.push(kind)),
      made.updates.subscribe(
        (uri) => heard.push(uri),
        () => heard.push('any resource'),
      ),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
  return { ...made, clock, failures, heard, listen }
}

/** A hub that can be lost, and tells how often it was asked for anything. */
function losable(): Hub & { lose(): void; restore(): void; readonly calls: string[] } {
  const hub = memoryHub()
  const calls: string[] = []
  const losses = new Set<(error: Error) => void>()
  let isLost = false
  function usable(what: string): void {
    calls.push(what)
    if (isLost) throw new HubError(what, 'it is lost')
  }
  return {
    ...hub,
    calls,
    async append(...args) {
      usable('append')
      return hub.append(...args)
    },
    async follow(log, after, follower) {
      usable('follow')
      const stop = await hub.follow(log, after, follower)
      losses.add((error) => {
        stop()
        follower.lost(error)
      })
      return stop
    },
    lose() {
      isLost = true
      for (const lost of losses) lost(new HubError('keep listening', 'it is lost'))
      losses.clear()
    },
    restore() {
      isLost = false
    },
  }
}

describe('changes', () => {
  test('reach the listeners of every node once, and those of the own node in the same tick', async () => {
    const hub = memoryHub()
    const [here, there, third] = [await node(hub), await node(hub), await node(hub)]
    for (const each of [here, there, third]) each.listen()
    await microtasks()
    here.changes.mark('tools')
    here.changes.mark('tools')
    here.updates.mark('a://b')
    await undefined
    expect(here.heard).toEqual(['tools', 'a://b'])
    await microtasks()
    expect([here.heard, there.heard, third.heard]).toEqual([
      ['tools', 'a://b'],
      ['tools', 'a://b'],
      ['tools', 'a://b'],
    ])
  })

  test('stay within the definitions of one name', async () => {
    const hub = memoryHub()
    const [here, other] = [await node(hub), await node(hub, { name: 'other' })]
    other.listen()
    await microtasks()
    here.changes.mark(LIST)
    await microtasks()
    expect(other.heard).toEqual([])
  })

  test('are not told to who has left, and a node without listeners follows nothing', async () => {
    const hub = losable()
    const [here, there] = [await node(hub), await node(hub)]
    const [leave, leaveAgain] = [there.listen(), there.listen()]
    await microtasks()
    expect(hub.calls).toEqual(['follow'])
    leave()
    leaveAgain()
    here.changes.mark(LIST)
    await microtasks()
    expect(there.heard).toEqual([])
    there.listen()
    await microtasks()
    here.updates.mark('a://b')
    await microtasks()
    expect(there.heard).toEqual(['a://b'])
    expect(hub.calls).toEqual(['follow', 'append', 'follow', 'append'])
  })

  test('that define the server are none', async () => {
    const hub = losable()
    const made = createSharedChanges({ hub, name: 's', shared: true })
    made.changes.mark('tools')
    made.updates.mark('a://b')
    await microtasks()
    expect(hub.calls).toEqual([])
    made.changes.mark('tools')
    await microtasks()
    expect(hub.calls).toEqual(['append'])
  })

  test('of a server with a hub of its own touch it only once somebody follows them', async () => {
    const hub = losable()
    const here = await node(hub, { shared: false })
    here.listen()
    here.changes.mark('tools')
    await microtasks()
    expect([hub.calls, here.heard]).toEqual([[], ['tools']])
    const followed: Change[] = []
    await here.positions.follow(undefined, {
      change: (_position, change) => followed.push(change),
      lost: () => undefined,
    })
    here.changes.mark('prompts')
    await microtasks()
    expect(followed).toEqual([{ kind: 'prompts' }])
    expect(here.heard).toEqual(['tools', 'prompts'])
  })

  test('that another writes in a way nobody understands are left out', async () => {
    const hub = memoryHub()
    const there = await node(hub)
    there.listen()
    await microtasks()
    const odd = ['', '{', 'null', '1', '[]', '{}', '{"kind":"secrets"}', '{"uri":1}', '{"kind":{}}']
    for (const text of [...odd, '{"kind":"tools"}']) await hub.append('changes/s', text, { ttlMs: 1000 })
    await microtasks()
    expect([there.heard, there.failures]).toEqual([['tools'], []])
  })
})

describe('positions', () => {
  test('tell of the changes of all nodes from where somebody was', async () => {
    const hub = memoryHub()
    const [here, there] = [await node(hub), await node(hub)]
    here.changes.mark('tools')
    await microtasks()
    there.updates.mark('a://b')
    await microtasks()
    const all: [string, Change][] = []
    const follower = {
      change: (position: string, change: Change) => all.push([position, change]),
      lost: () => undefined,
    }
    await there.positions.follow('', follower)
    await microtasks()
    expect(all.map(([, change]) => change)).toEqual([{ kind: 'tools' }, { uri: 'a://b' }])
    const [[first] = ['']] = all
    expect([await here.positions.has(first), await here.positions.has('nowhere')]).toEqual([true, false])
    all.length = 0
    const stop = await here.positions.follow(first, follower)
    await microtasks()
    expect(all.map(([, change]) => change)).toEqual([{ uri: 'a://b' }])
    stop()
  })
})

describe('a lost hub', () => {
  test('is reported once, and keeps local listeners from nothing', async () => {
    const hub = losable()
    const here = await node(hub)
    here.listen()
    await microtasks()
    hub.lose()
    for (let i = 0; i < 3; i++) {
      here.changes.mark('tools')
      await microtasks()
    }
    expect(here.heard).toEqual(['tools', 'tools', 'tools'])
    expect(here.failures).toEqual([expect.any(HubError)])
  })

  test('is followed again when it is back, and all lists and resources count as changed', async () => {
    const hub = losable()
    const [here, there] = [await node(hub), await node(hub)]
    there.listen()
    await microtasks()
    hub.lose()
    for (let i = 0; i < 5; i++) {
      there.clock.advance(1000)
      await microtasks()
    }
    expect([there.heard, there.failures.length]).toEqual([[], 1])
    hub.restore()
    there.clock.advance(1000)
    await microtasks()
    expect(there.heard).toEqual(['tools', 'resources', 'prompts', 'any resource'])
    here.updates.mark('a://b')
    await microtasks()
    expect(there.heard.slice(4)).toEqual(['a://b'])
    hub.lose()
    await microtasks()
    expect(there.failures).toHaveLength(2)
  })

  test('is not tried again for listeners that have gone', async () => {
    const hub = losable()
    hub.lose()
    const there = await node(hub)
    const leave = there.listen()
    await microtasks()
    leave()
    there.clock.advance(10_000)
    await microtasks()
    expect(hub.calls).toEqual(['follow'])
  })
})

eachEra((era, open) => {
  test('a client is told of every resource it subscribed to when updates may have been missed', async () => {
    const updates = createChanges<string>()
    const server: Server = { ...createServer({ name: 's', version: '1', resources: [] }), updates }
    await using pair = await open(server)
    const uris = ['a://b', 'a://c']
    if (era === 'modern') {
      // answered when the subscription is over, which is the end of the pair
      void pair
        .request('subscriptions/listen', { notifications: { resourceSubscriptions: uris } })
        .catch(() => undefined)
      await pair.noticed(({ method }) => method.endsWith('acknowledged'))
    } else {
      for (const uri of uris) await pair.request('resources/subscribe', { uri })
    }
    pair.forget()
    updates.tellMissed()
    await pair.barrier()
    expect(pair.notices.map(({ method, params }) => [method, params?.uri])).toEqual(
      uris.map((uri) => ['notifications/resources/updated', uri]),
    )
  })
})

test('servers of one name tell each other over the hub they are given', async () => {
  const hub = memoryHub()
  const [one, other] = [createServer({ name: 's', version: '1', hub }), createServer({ name: 's', version: '2', hub })]
  const told: string[] = []
  other.changes.subscribe((kind) => told.push(kind))
  other.updates.subscribe((uri) => told.push(uri))
  await microtasks()
  one.resources.updated('a://b')
  one.changes.mark('prompts')
  await microtasks()
  expect(told.sort()).toEqual(['a://b', 'prompts'])
})

describe('a place to come back to', () => {
  const DAY_MS = 24 * 60 * 60_000

  async function changesAfter({ positions }: Node, position: string): Promise<Change[]> {
    const told: Change[] = []
    const stop = await positions.follow(position, {
      change: (_position, change) => told.push(change),
      lost: () => undefined,
    })
    await microtasks()
    stop()
    return told
  }

  test('has everything behind it that changes from then on, on any node', async () => {
    const hub = memoryHub()
    const [here, there] = [await node(hub), await node(hub)]
    there.changes.mark('tools')
    await microtasks()
    const place = await here.positions.here()
    expect(await here.positions.has(place)).toBe(true)
    expect(await changesAfter(here, place)).toEqual([])
    there.changes.mark('prompts')
    await microtasks()
    expect(await changesAfter(there, place)).toEqual([{ kind: 'prompts' }])
  })

  test('is the last change that was heard of here, and costs nothing then', async () => {
    const hub = losable()
    const here = await node(hub)
    const [first, again] = await Promise.all([here.positions.here(), here.positions.here()])
    expect(again).toBe(first)
    let last = ''
    await here.positions.follow(undefined, { change: (position) => (last = position), lost: () => undefined })
    here.changes.mark('tools')
    await microtasks()
    expect(await here.positions.here()).toBe(last)
    expect(hub.calls.filter((call) => call === 'append')).toHaveLength(2)
  })

  test('is made anew before it is forgotten', async () => {
    const here = await node(memoryHub())
    const first = await here.positions.here()
    here.clock.advance(DAY_MS / 2 - 1)
    expect(await here.positions.here()).toBe(first)
    here.clock.advance(1)
    expect(await here.positions.here()).not.toBe(first)
  })

  test('is kept where the hub is not shared, with what comes behind it', async () => {
    const here = await node(memoryHub(), { shared: false })
    const place = await here.positions.here()
    here.changes.mark('tools')
    await microtasks()
    expect(await changesAfter(here, place)).toEqual([{ kind: 'tools' }])
  })

  test('cannot be told while the hub is lost, and can be when it is back', async () => {
    const hub = losable()
    const here = await node(hub)
    hub.lose()
    await expect(here.positions.here()).rejects.toBeInstanceOf(HubError)
    hub.restore()
    expect(await here.positions.has(await here.positions.here())).toBe(true)
  })
})
