import type { GroupSignal } from './spawn-types.ts'

/** Something that must not outlive this process. */
export interface Mortal {
  signal(signal: GroupSignal): void
  alive(): boolean
}

/** How long an exit may be held up for servers that are ending. */
const EXIT_GRACE_MS = 100
const POLL_MS = 5

const mortals = new Set<Mortal>()

/** Ends `mortal` when this process exits by itself or by an uncaught error. One listener serves all. */
export function endWithParent(mortal: Mortal): void {
  if (mortals.size === 0) process.on('exit', endAll)
  mortals.add(mortal)
}

export function spareFromExit(mortal: Mortal): void {
  if (mortals.delete(mortal) && mortals.size === 0) process.off('exit', endAll)
}

/** An exit listener cannot wait for events, so the short chance to end by itself is a sleep of the whole thread. */
function endAll(): void {
  const all = [...mortals]
  for (const mortal of all) mortal.signal('SIGTERM')
  const cell = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < EXIT_GRACE_MS && all.some((mortal) => mortal.alive()); waited += POLL_MS) {
    Atomics.wait(cell, 0, 0, POLL_MS)
  }
  for (const mortal of all) mortal.signal('SIGKILL')
}
