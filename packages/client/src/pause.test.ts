import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { heldAfter, heldPause } from './pause.ts'

test('a held call is made once, when the clock says so', async () => {
  const clock = createFakeClock()
  let calls = 0
  heldAfter(clock, 1000, () => calls++)
  await clock.advance(999)
  expect(calls).toBe(0)
  await clock.advance(1)
  await clock.advance(5000)
  expect(calls).toBe(1)
})

test('a held call that was let go of is not made', async () => {
  const clock = createFakeClock()
  let calls = 0
  const letGo = heldAfter(clock, 1000, () => calls++)
  letGo()
  await clock.advance(5000)
  expect([calls, clock.timers]).toEqual([0, 0])
})

test('a held pause ends with its signal', async () => {
  const clock = createFakeClock()
  const giveUp = new AbortController()
  const pause = heldPause(clock, 1000, giveUp.signal)
  const reason = new Error('enough')
  giveUp.abort(reason)
  expect(await pause.catch((error: unknown) => error)).toBe(reason)
  expect(clock.timers).toBe(0)
})

test.each([
  'heldAfter(clock, 50, () => console.log("called"))',
  'heldPause(clock, 50).then(() => console.log("called"))',
])('a process that has nothing else to do waits for it, though its clock holds nothing: %s', async (call) => {
  const clock = `{ now: () => performance.now(), after(ms, fn) { const t = setTimeout(fn, ms); t.unref(); return () => clearTimeout(t) } }`
  const script = `import { heldAfter, heldPause } from ${JSON.stringify(`${import.meta.dir}/pause.ts`)}; const clock = ${clock}; ${call}`
  await using child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  expect(await new Response(child.stdout).text()).toBe('called\n')
})
