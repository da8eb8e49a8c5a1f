import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { watchParent } from './watchdog.ts'

function watch(first: number) {
  const clock = createFakeClock()
  const gone: number[] = []
  const state = { parent: first }
  const stop = watchParent({
    clock,
    pollMs: 10,
    parentPid: () => state.parent,
    onParentGone: (pid) => gone.push(pid),
  })
  return { clock, gone, state, stop }
}

test('tells once that the parent is gone', async () => {
  const { clock, gone, state } = watch(42)
  await clock.advance(35)
  expect(gone).toEqual([])
  state.parent = 1
  await clock.advance(100)
  expect(gone).toEqual([42])
  expect(clock.timers).toBe(0)
})

test.each([0, 1])('does not watch where there is no parent (%p)', async (parent) => {
  const { clock, gone, state } = watch(parent)
  expect(clock.timers).toBe(0)
  state.parent = 7
  await clock.advance(100)
  expect(gone).toEqual([])
})

test('stops when it is told to, also after some looks', async () => {
  const { clock, gone, state, stop } = watch(42)
  await clock.advance(25)
  stop()
  state.parent = 1
  await clock.advance(100)
  expect(gone).toEqual([])
  expect(clock.timers).toBe(0)
})
