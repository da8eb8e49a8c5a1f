import { expect, test } from 'bun:test'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import { createListings, type Listings, MAX_TOOLS_PAUSE_MS, TOOLS_DEBOUNCE_MS, TOOLS_QUIET_MS } from './listings.ts'

/** Listings that end when they are told to. */
function held(): {
  clock: FakeClock
  listings: Listings
  begun: PromiseWithResolvers<void>[]
  failures: unknown[]
} {
  const clock = createFakeClock()
  const begun: PromiseWithResolvers<void>[] = []
  const failures: unknown[] = []
  const list = (): Promise<void> => {
    const one = Promise.withResolvers<void>()
    begun.push(one)
    return one.promise
  }
  return { clock, listings: createListings({ clock, list, failed: (error) => failures.push(error) }), begun, failures }
}

/** Listings that are over at once; the times they began at. */
function instant(answer: (listings: Listings) => void): { clock: FakeClock; listings: Listings; times: number[] } {
  const clock = createFakeClock()
  const times: number[] = []
  const listings = createListings({
    clock,
    async list() {
      times.push(clock.now())
      answer(listings)
    },
    failed: () => undefined,
  })
  return { clock, listings, times }
}

test('while each listing brings the next change the pauses double up to the longest', async () => {
  const { clock, listings, times } = instant((it) => it.changed())
  listings.changed()
  await clock.advance(10 * MAX_TOOLS_PAUSE_MS)
  const pauses = times.map((at, nth) => at - (times[nth - 1] ?? 0))
  expect(pauses.slice(0, 4)).toEqual([75, 150, 300, 600])
  expect(pauses.at(-1)).toBe(MAX_TOOLS_PAUSE_MS)
  listings.stop()
  listings.changed()
  expect(clock.timers).toBe(0)
})

test('changes one after the other are not put off for ever, and after a quiet time the pause is short again', async () => {
  const { clock, listings, times } = instant(() => undefined)
  for (let nth = 0; nth < 3; nth++) {
    listings.changed()
    await clock.advance(TOOLS_DEBOUNCE_MS - 25)
  }
  // 75 ms after the first one, and 150 ms after what came soon behind it
  await clock.advance(TOOLS_QUIET_MS)
  expect(times).toEqual([75, 250])
  await clock.advance(TOOLS_QUIET_MS)
  const from = clock.now()
  listings.changed()
  await clock.advance(TOOLS_DEBOUNCE_MS)
  expect(times.at(-1)).toBe(from + TOOLS_DEBOUNCE_MS)
})

test('never two are under way, and who asks meanwhile shares the next one', async () => {
  const { clock, listings, begun } = held()
  const first = listings.now()
  listings.changed()
  await clock.advance(TOOLS_DEBOUNCE_MS)
  const [second, third] = [listings.now(), listings.now()]
  listings.changed()
  await clock.advance(MAX_TOOLS_PAUSE_MS)
  expect(begun).toHaveLength(1)
  begun[0]?.resolve()
  await first
  const late = listings.now()
  await settle()
  expect(begun).toHaveLength(2)
  begun[1]?.resolve()
  await Promise.all([second, third, late])
  await clock.advance(MAX_TOOLS_PAUSE_MS)
  expect(begun).toHaveLength(2)
  expect(listings.isStale).toBe(false)
})

test('one that fails is told to who asked, and the next one is not kept from it', async () => {
  const { clock, listings, begun, failures } = held()
  const why = new Error('refused')
  const first = failure(listings.now())
  const second = listings.now()
  begun[0]?.reject(why)
  expect(await first).toBe(why)
  await settle()
  begun[1]?.resolve()
  await second
  expect(failures).toEqual([])
  listings.changed()
  await clock.advance(TOOLS_DEBOUNCE_MS)
  begun[2]?.reject(why)
  await settle()
  expect([failures, listings.isStale]).toEqual([[why], true])
})

test('a change is looked at once, and again where that failed', async () => {
  const { clock, listings, begun } = held()
  listings.changed()
  const asked = failure(listings.now())
  begun[0]?.reject(new Error('refused'))
  await asked
  await clock.advance(TOOLS_DEBOUNCE_MS)
  expect(begun).toHaveLength(2)
})

test('after a long pause it takes as long a quiet time until the pause is short again', async () => {
  let isRestless = true
  const { clock, listings, times } = instant((it) => {
    if (isRestless) it.changed()
  })
  listings.changed()
  await clock.advance(10 * MAX_TOOLS_PAUSE_MS)
  isRestless = false
  await clock.advance(MAX_TOOLS_PAUSE_MS)
  const quietFrom = times.at(-1) ?? 0
  await clock.advance(quietFrom + MAX_TOOLS_PAUSE_MS - 1 - clock.now())
  listings.changed()
  await clock.advance(MAX_TOOLS_PAUSE_MS)
  expect(times.at(-1)).toBe(quietFrom + 2 * MAX_TOOLS_PAUSE_MS - 1)
})
