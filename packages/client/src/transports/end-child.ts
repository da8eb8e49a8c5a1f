import type { Child } from '../runtime/spawn-types.ts'
import { comesWithin, type Timer } from './timer.ts'

const FIRST_LOOK_MS = 1
const LONGEST_LOOK_MS = 25

/** How long each step of ending a server waits before the next, in milliseconds. */
export interface EndGraces {
  /** After stdin was closed: for what was sent to leave, and for the server to end by itself. */
  stdinGraceMs: number
  /** After SIGTERM. */
  termGraceMs: number
  /** After SIGKILL, which only a process stuck in the kernel survives. */
  killGraceMs: number
}

/**
 * Ends a server the polite way first: stdin closes once `sent` resolves, then SIGTERM, then SIGKILL to its whole group.
 * Resolves when the child is dead, or when even SIGKILL had no effect in time.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export async function endChild(child: Child, sent: Promise<void>, graces: EndGraces, timer: Timer): Promise<void> {
  void sent.then(() => child.endStdin())
  if (await comesWithin(child.exited, graces.stdinGraceMs, timer)) return
  child.signalGroup('SIGTERM')
  if (await comesWithin(child.exited, graces.termGraceMs, timer)) return
  child.signalGroup('SIGKILL')
  await comesWithin(child.exited, graces.killGraceMs, timer)
}

/** Ends what a dead child has left behind in its group. Resolves when nobody is alive there, or SIGKILL had no effect. */
export async function endLeftovers(child: Child, graces: EndGraces, timer: Timer): Promise<void> {
  if (!child.groupAlive()) return
  child.signalGroup('SIGTERM')
  if (await groupEnds(child, graces.termGraceMs, timer)) return
  child.signalGroup('SIGKILL')
  await groupEnds(child, graces.killGraceMs, timer)
}

/** Nobody is told of the death of a grandchild, so this looks, and ever more seldom. */
function groupEnds(child: Child, ms: number, timer: Timer): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (waitedMs: number, nextMs: number): void => {
      if (!child.groupAlive()) return resolve(true)
      if (waitedMs >= ms) return resolve(false)
      const pauseMs = Math.min(nextMs, ms - waitedMs)
      timer.after(pauseMs, () => look(waitedMs + pauseMs, Math.min(nextMs * 2, LONGEST_LOOK_MS)))
    }
    look(0, FIRST_LOOK_MS)
  })
}
