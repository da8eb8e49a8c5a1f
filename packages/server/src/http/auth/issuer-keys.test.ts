import { describe, expect, test } from 'bun:test'
import { type FakeClock, fakeClock } from '../../../test/kit.ts'
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts'

interface World {
  clock: FakeClock
  keys: IssuerKeys<unknown>
  /** What the issuer answers with, changed at will; undefined is no answer at all. */
  answer: { set: number | undefined }
  fetches(): number
}

function world(): World {
  const clock = fakeClock()
  const answer: World['answer'] = { set: 1 }
  let fetches = 0
  const keys = createIssuerKeys<unknown>({
    issuer: 'https://login.example.com',
    jwksUrl: new URL('https://login.example.com/keys'),
    clock,
    timeoutMs: 1000,
    maxBytes: 1000,
    maxAgeMs: 600_000,
    cooldownMs: 30_000,
    outageMs: 3_600_000,
    compile: ({ set }) => set,
    fetch: async () => {
      fetches++
      if (answer.set === undefined) throw new Error('unreachable')
      return Response.json({ set: answer.set })
    },
  })
  return { clock, keys, answer, fetches: () => fetches }
}

describe('the keys of an issuer', () => {
  test('are fetched once for all who wait, and kept for their time', async () => {
    const { clock, keys, fetches } = world()
    expect(await Promise.all([keys.current(), keys.current()])).toEqual([1, 1])
    clock.advance(599_999)
    expect(await keys.current()).toBe(1)
    expect(fetches()).toBe(1)
    clock.advance(1)
    await keys.current()
    expect(fetches()).toBe(2)
  })

  test('are used on while the issuer is away, for an hour and no longer', async () => {
    const { clock, keys, answer } = world()
    await keys.current()
    answer.set = undefined
    clock.advance(600_000)
    expect(await keys.current()).toBe(1)
    expect(await keys.current()).toBe(1)
    clock.advance(3_000_000)
    await expect(keys.current()).rejects.toThrow('could not be fetched')
  })

  test('are asked for again soon after the issuer did not answer, but not at once', async () => {
    const { clock, keys, answer, fetches } = world()
    answer.set = undefined
    await expect(keys.current()).rejects.toThrow('could not be fetched')
    answer.set = 2
    await expect(keys.current()).rejects.toThrow('could not be fetched')
    expect(fetches()).toBe(1)
    clock.advance(3000)
    expect(await keys.current()).toBe(2)
  })

  test('are not asked for newer ones before the cooldown is over', async () => {
    const { clock, keys, answer, fetches } = world()
    const seen = await keys.current()
    answer.set = 2
    expect(await keys.newerThan(seen)).toBeUndefined()
    clock.advance(30_000)
    expect(await Promise.all([keys.newerThan(seen), keys.newerThan(seen)])).toEqual([2, 2])
    expect(await keys.newerThan(seen)).toBe(2)
    expect(fetches()).toBe(2)
  })
})
