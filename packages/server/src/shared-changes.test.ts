import { describe, expect, test } from 'bun:test'
import { type FakeClock, fakeClock, microtasks } from '../test/kit.ts'
import { HubError } from './hub/error.ts'
import { memoryHub } from './hub/memory.ts'
import type { Hub } from './hub/port.ts'
import { createServer } from './server.ts'
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
    const stops = [made.changes.subscribe((kind) => heard.push(kind)), made.updates.subscribe((uri) => heard.push(uri))]
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

  test('is followed again when it is back, and all lists count as changed', async () => {
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
    expect(there.heard).toEqual(['tools', 'resources', 'prompts'])
    here.updates.mark('a://b')
    await microtasks()
    expect(there.heard.slice(3)).toEqual(['a://b'])
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
