import { expect, test } from 'bun:test'
import { createEventLog, type ManagerEvent } from './events.ts'

function log(limit = 3): ReturnType<typeof createEventLog> & { add(times: number): void } {
  const made = createEventLog({ limit, wallClock: () => 7 })
  return Object.assign(Object.create(made), {
    add(times: number) {
      for (let nth = 0; nth < times; nth++) made.append({ kind: 'removed', server: 'one' })
    },
  })
}

async function read(events: AsyncIterableIterator<ManagerEvent>, count: number): Promise<string[]> {
  const read: string[] = []
  for (let nth = 0; nth < count; nth++) {
    const { value } = await events.next()
    read.push(value.kind === 'gap' ? `gap of ${value.missed} up to ${value.sequence}` : String(value.sequence))
  }
  return read
}

test('readers get what was before and what comes, each at its own pace', async () => {
  const events = log()
  events.add(2)
  const early = events.after(0)
  const late = events.after(2)
  const next = late.next()
  events.add(1)
  expect(await next).toMatchObject({ value: { sequence: 3, at: 7, kind: 'removed' } })
  expect(await read(early, 3)).toEqual(['1', '2', '3'])
})

test.each([4, 5, 6, 7, 100])('who reads too late is told of the gap (%d events)', async (count) => {
  const events = log()
  events.add(count)
  const last = count - 3
  expect(await read(events.after(0), 4)).toEqual([
    `gap of ${last} up to ${last}`,
    ...[1, 2, 3].map((n) => `${last + n}`),
  ])
})

test('a reader that leaves while it waits is let go, and closing ends the others after the last event', async () => {
  const events = log()
  const leaving = events.after(0)
  const waiting = leaving.next()
  await leaving.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
  const staying = events.after(0)
  events.add(1)
  events.close()
  expect(await read(staying, 1)).toEqual(['1'])
  expect(await staying.next()).toEqual({ done: true, value: undefined })
  events.add(1)
  expect(events.sequence).toBe(1)
})
