import type { Clock } from '@bao-mcp/protocol/engine'

/**
 * Ends everything in the given order, one after the other, within `totalMs` milliseconds: what takes longer than its
 * share is no longer waited for before the next one begins, and what is left at the end goes on by itself.
 * @param clock has to keep the process alive
 * @param ends never reject
 */
export async function closeAll(
  ends: readonly (() => Promise<void>)[],
  { clock, totalMs }: { clock: Clock; totalMs: number },
): Promise<void> {
  const until = clock.now() + totalMs
  const ending: Promise<void>[] = []
  for (const [index, end] of ends.entries()) {
    const one = end()
    ending.push(one)
    const shareMs = Math.max(0, until - clock.now()) / (ends.length - index)
    await within(one, shareMs, clock)
  }
  await within(Promise.all(ending), Math.max(0, until - clock.now()), clock)
}

function within(event: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, resolve)
    const came = (): void => {
      stop()
      resolve()
    }
    event.then(came, came)
  })
}
