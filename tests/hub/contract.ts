import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS } from '@bao-mcp/protocol/engine'
import { HubError } from '../../packages/server/src/hub/error.ts'
import type { Follower, Hub } from '../../packages/server/src/hub/port.ts'
import { type Heard, heard } from './heard.ts'

/** Somewhere empty where several nodes meet. */
export interface Place extends AsyncDisposable {
  /** One more node's hub; the same one where nodes share it. */
  open(): Hub
  /** Lets time go by for everything there. */
  pass(ms: number): Promise<void>
}

const TTL = { ttlMs: 10_000 }

/** What every hub does, told by two nodes that meet at one place. */
export function hubContract(name: string, makePlace: () => Promise<Place>, test_: typeof test = test): void {
  const it = (what: string, body: (here: Hub, there: Hub, place: Place) => Promise<void>): void => {
    test_(what, async () => {
      await using place = await makePlace()
      await body(place.open(), place.open(), place)
    })
  }

  describe(name, () => {
    describe('texts', () => {
      it('are there for every node until their time is over', async (here, there, { pass }) => {
        await here.put('a', 'text', 100_000)
        await pass(90_000)
        expect(await there.get('a')).toBe('text')
        await there.put('a', 'täxt 😀\n\0', 100_000)
        await pass(90_000)
        expect(await here.get('a')).toBe('täxt 😀\n\0')
        await pass(10_000)
        expect(await there.get('a')).toBeUndefined()
        expect(await here.get('never')).toBeUndefined()
      })

      it('are agreed on for good: the first one given', async (here, there, { pass }) => {
        const both = await Promise.all([here.agree('key', 'one'), there.agree('key', 'other')])
        expect(both[0]).toBe(both[1])
        await pass(1e9)
        expect(await there.agree('key', 'third')).toBe(both[0])
        expect(await there.agree('another', '')).toBe('')
      })
    })

    describe('claims', () => {
      it('are given once, whoever asks, until their time is over', async (here, there, { pass }) => {
        const given = await Promise.all([here.claim('a', 100_000), there.claim('a', 100_000), here.claim('a', 100_000)])
        expect(given.filter(Boolean)).toHaveLength(1)
        await pass(90_000)
        expect(await there.claim('a', 100_000)).toBe(false)
        await pass(10_000)
        expect(await there.claim('a', 100_000)).toBe(true)
      })

      it('share no names with texts, agreed texts, records, logs, topics or nodes', async (here) => {
        await here.put('a', 'text', 100_000)
        expect(await here.agree('a', 'agreed')).toBe('agreed')
        await here.create('a', { of: 'record' }, 100_000)
        await here.append('a', 'entry', TTL)
        await here.join('a', 100_000)
        expect(await here.claim('a', 100_000)).toBe(true)
        await here.drop('a')
        expect(await here.remove('a')).toBe(true)
        expect([await here.get('a'), await here.isAlive('a')]).toEqual(['text', true])
      })
    })

    describe('records', () => {
      it('are written field by field by several nodes', async (here, there) => {
        await here.create('r', { a: '1', b: '2' }, 100_000)
        const both = await Promise.all([
          here.update('r', { a: 'here', '': 'empty' }, 100_000),
          there.update('r', { b: undefined, c: 'there', __proto__x: 'y' }, 100_000),
        ])
        expect(both).toEqual([true, true])
        expect(await there.read('r')).toEqual({ a: 'here', '': 'empty', c: 'there', __proto__x: 'y' })
        expect(
          await there.update('r', { a: undefined, '': undefined, c: undefined, __proto__x: undefined }, 100_000),
        ).toBe(true)
        expect(await here.read('r')).toEqual({})
      })

      it('may have no field, or one named like what every object has', async (here, there) => {
        await here.create('empty', {}, 100_000)
        expect(await there.read('empty')).toEqual({})
        await there.create('odd', JSON.parse('{"__proto__":"x","constructor":"y"}'), 100_000)
        expect(Object.entries((await here.read('odd')) ?? {}).sort()).toEqual([
          ['__proto__', 'x'],
          ['constructor', 'y'],
        ])
      })

      it('are made anew, without what was there', async (here, there) => {
        await here.create('r', { a: '1' }, 100_000)
        await there.create('r', { b: '2' }, 100_000)
        expect(await here.read('r')).toEqual({ b: '2' })
      })

      it('are not written to when they are gone', async (here, there, { pass }) => {
        expect(await here.update('r', { a: '1' }, 100_000)).toBe(false)
        expect(await here.read('r')).toBeUndefined()
        await here.create('r', { a: '1' }, 100_000)
        expect([await there.remove('r'), await there.remove('r')]).toEqual([true, false])
        expect(await here.update('r', { a: '2' }, 100_000)).toBe(false)
        await here.create('r', { a: '1' }, 100_000)
        await pass(100_000)
        expect(await there.update('r', { a: '2' }, 100_000)).toBe(false)
        expect([await there.read('r'), await there.remove('r')]).toEqual([undefined, false])
      })

      it('live on while somebody writes to them', async (here, there, { pass }) => {
        await here.create('r', { a: '1' }, 100_000)
        await pass(90_000)
        expect(await there.update('r', {}, 100_000)).toBe(true)
        await pass(90_000)
        expect(await here.read('r')).toEqual({ a: '1' })
      })
    })

    describe('logs', () => {
      it('are told from the start, then as they grow on any node, each entry once and in order', async (here, there) => {
        const first = [await here.append('l', '0', TTL), await there.append('l', '1 ü\n😀', TTL)]
        const seen = following()
        await there.follow('l', '', seen)
        const more = await Promise.all(
          Array.from({ length: 1200 }, (_, i) => (i % 2 ? here : there).append('l', `${i + 2}`, TTL)),
        )
        const entries = await seen.entries.count(1202)
        expect(entries).toHaveLength(1202)
        const positions = entries.map(([position]) => position)
        expect(positions).toEqual([...positions].sort())
        expect(new Set(positions)).toEqual(new Set([...first, ...more]))
        expect(entries.slice(0, 2)).toEqual([
          [first[0] ?? '', '0'],
          [first[1] ?? '', '1 ü\n😀'],
        ])
        for (const position of positions) expect(position).toMatch(/^[\w-]{1,40}$/)
      })

      it('are told from any position on', async (here, there) => {
        const positions: string[] = []
        for (let i = 0; i < 700; i++) positions.push(await here.append('l', String(i), TTL))
        const [all, some, now] = [following(), following(), following()]
        await there.follow('l', '', all)
        await there.follow('l', positions[99], some)
        await there.follow('l', undefined, now)
        const last = await here.append('l', 'last', TTL)
        expect((await some.entries.count(601)).map(([, text]) => text)).toEqual([...range(100, 700), 'last'])
        expect((await all.entries.count(701)).map(([, text]) => text)).toEqual([...range(0, 700), 'last'])
        expect(await now.entries.count(1)).toEqual([[last, 'last']])
      })

      it('are not told any more to who has left', async (here, there) => {
        const [gone, stays] = [following(), following()]
        const leave = await there.follow('l', '', gone)
        await there.follow('l', '', stays)
        await here.append('l', 'a', TTL)
        await gone.entries.count(1)
        leave()
        leave()
        await here.append('l', 'b', TTL)
        await stays.entries.count(2)
        expect(gone.entries.items).toHaveLength(1)
      })

      it('tell no listener from within what it does itself, and let no listener keep another from hearing', async (here) => {
        const seen = following()
        let inside = false
        const appended: Promise<string>[] = []
        await here.follow('l', '', {
          entry(_position, text) {
            expect(inside).toBe(false)
            inside = true
            if (Number(text) < 5) appended.push(here.append('l', String(Number(text) + 1), TTL))
            inside = false
          },
          lost: unexpected,
        })
        await here.follow('l', '', seen)
        await here.append('l', '0', TTL)
        expect((await seen.entries.count(6)).map(([, text]) => text)).toEqual(range(0, 6))
        await Promise.all(appended)
      })

      it('keep the latest entries only, and know which', async (here, there) => {
        const positions: string[] = []
        for (let i = 0; i < 5; i++) positions.push(await here.append('l', String(i), { ...TTL, maxEntries: 3 }))
        expect(await Promise.all(positions.map((each) => there.has('l', each)))).toEqual([
          false,
          false,
          true,
          true,
          true,
        ])
        const seen = following()
        await there.follow('l', positions[0], seen)
        expect((await seen.entries.count(3)).map(([, text]) => text)).toEqual(['2', '3', '4'])
      })

      it('know nothing that is no position of theirs', async (here) => {
        const position = await here.append('l', 'a', TTL)
        for (const odd of ['', '0', '*', '-', '+', '$', `${position}x`, 'ü'.repeat(1e4), '1-1', '1795232381348-0']) {
          expect(await here.has('l', odd)).toBe(false)
          if (odd !== '')
            await expect(here.follow('l', odd, following())).rejects.toMatchObject({ code: INVALID_PARAMS })
        }
        expect(await here.has('other', position)).toBe(false)
      })

      it('are over, as a whole, when nothing was appended for their time', async (here, there, { pass }) => {
        const first = await here.append('l', 'a', { ttlMs: 100_000 })
        await pass(90_000)
        const second = await there.append('l', 'b', { ttlMs: 100_000 })
        await pass(90_000)
        expect([await here.has('l', first), await here.has('l', second)]).toEqual([true, true])
        await pass(10_000)
        expect([await here.has('l', first), await here.has('l', second)]).toEqual([false, false])
      })

      it('go on after they were dropped, with positions that never were before', async (here, there) => {
        const seen = following()
        await there.follow('l', '', seen)
        const first = await here.append('l', 'a', TTL)
        await here.drop('l')
        expect(await there.has('l', first)).toBe(false)
        const second = await here.append('l', 'b', TTL)
        expect(await seen.entries.count(2)).toEqual([
          [first, 'a'],
          [second, 'b'],
        ])
        expect(second > first).toBe(true)
        await here.drop('never')
      })
    })

    describe('topics', () => {
      it('reach whoever listens at the moment, on every node, in order', async (here, there) => {
        await here.publish('t', 'nobody hears')
        const [one, two, other] = [heard<string>(), heard<string>(), heard<string>()]
        await here.listen('t', one.push)
        const leave = await there.listen('t', two.push)
        await there.listen('another', other.push)
        for (const text of ['a', 'b ü\n', 'c']) await here.publish('t', text)
        expect(await one.count(3)).toEqual(['a', 'b ü\n', 'c'])
        expect(await two.count(3)).toEqual(['a', 'b ü\n', 'c'])
        leave()
        await there.publish('t', 'd')
        await there.publish('another', 'e')
        await Promise.all([one.count(4), other.count(1)])
        expect([two.items.length, one.items, other.items]).toEqual([3, ['a', 'b ü\n', 'c', 'd'], ['e']])
      })

      it('can be left and listened to again at once', async (here, there) => {
        const [first, second] = [heard<string>(), heard<string>()]
        const leave = await there.listen('t', first.push)
        leave()
        await there.listen('t', second.push)
        await here.publish('t', 'a')
        expect(await second.count(1)).toEqual(['a'])
        expect(first.items).toEqual([])
      })
    })

    describe('nodes', () => {
      it('are alive until they leave, for as long as that takes', async (here, there, { pass }) => {
        expect(await there.isAlive('n')).toBe(false)
        const leave = await here.join('n', 300_000)
        for (let i = 0; i < 5; i++) {
          await pass(200_000)
          expect(await there.isAlive('n')).toBe(true)
        }
        await leave()
        await leave()
        expect(await there.isAlive('n')).toBe(false)
        await pass(500_000)
        expect(await there.isAlive('n')).toBe(false)
      })
    })

    it('rejects every call, and tells nothing, once it is closed', async (here) => {
      const [texts, seen] = [heard<string>(), following()]
      await here.listen('t', texts.push)
      await here.follow('l', '', seen)
      await here.close()
      for (const [what, call] of everyCall(here)) {
        const error: unknown = await call().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        expect([what, error instanceof HubError, String(error)]).toEqual([
          what,
          true,
          `HubError: the hub could not ${what}: it is closed`,
        ])
      }
      await here.close()
      expect([texts.items, seen.entries.items]).toEqual([[], []])
    })
  })
}

export interface SeenEntries extends Follower {
  readonly entries: Heard<readonly [position: string, text: string]>
  readonly losses: Heard<Error>
}

/** A follower that remembers. */
export function following(): SeenEntries {
  const entries = heard<readonly [string, string]>()
  const losses = heard<Error>()
  return { entries, losses, entry: (position, text) => entries.push([position, text]), lost: losses.push }
}

/** Every call there is, by what it says it could not do. */
export function everyCall(hub: Hub): [what: string, call: () => Promise<unknown>][] {
  return [
    ['keep a text', () => hub.put('secret', 'secret', 1000)],
    ['look up a text', () => hub.get('secret')],
    ['claim a key', () => hub.claim('secret', 1000)],
    ['agree on a text', () => hub.agree('secret', 'secret')],
    ['make a record', () => hub.create('secret', { secret: 'secret' }, 1000)],
    ['write to a record', () => hub.update('secret', {}, 1000)],
    ['read a record', () => hub.read('secret')],
    ['remove a record', () => hub.remove('secret')],
    ['append to a log', () => hub.append('secret', 'secret', TTL)],
    ['look into a log', () => hub.has('secret', '000000000-000000')],
    ['follow a log', () => hub.follow('secret', '', following())],
    ['drop a log', () => hub.drop('secret')],
    ['publish', () => hub.publish('secret', 'secret')],
    ['listen', () => hub.listen('secret', unexpected)],
    ['join as a node', () => hub.join('secret', 1000)],
    ['look for a node', () => hub.isAlive('secret')],
  ]
}

function unexpected(): never {
  throw new Error('this must not be told')
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i))
}
