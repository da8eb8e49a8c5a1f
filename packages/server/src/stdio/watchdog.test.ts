import { expect, test } from 'bun:test'
import { fakeClock } from './fake-clock.test.kit.ts'
import { watchParent } from './watchdog.ts'

function watch(first: number) {
  const clock = fakeClock()
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

test('tells once that the parent is gone', () => {
  const { clock, gone, state } = watch(42)
  clock.advance(35)
  expect(gone).toEqual([])
  state.parent = 1
  clock.advance(100)
  expect(gone).toEqual([42])
  expect(clock.pending).toBe(0)
})

test.each([0, 1])('does not watch where there is no parent (%p)', (parent) => {
  const { clock, gone, state } = watch(parent)
  expect(clock.pending).toBe(0)
  state.parent = 7
  clock.advance(100)
  expect(gone).toEqual([])
})

test('stops when it is told to, also after some looks', () => {
  const { clock, gone, state, stop } = watch(42)
  clock.advance(25)
  stop()
  state.parent = 1
  clock.advance(100)
  expect(gone).toEqual([])
  expect(clock.pending).toBe(0)
})
