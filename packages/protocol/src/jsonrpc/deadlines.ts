import { type Clock, systemClock } from './clock.ts'

/** Something that must be over by a point in time. The heap keeps its place in the object itself. */
export interface Deadline {
  /** Point in time on the heap's clock, in milliseconds. */
  dueAt: number
  /** Owned by the heap; -1 while the deadline is in none. */
  heapIndex: number
  expire(): void
}

/** All deadlines of one owner behind a single timer. */
export interface Deadlines {
  now(): number
  add(deadline: Deadline): void
  remove(deadline: Deadline): void
  /** Moves a deadline that is in the heap to another time. */
  move(deadline: Deadline, dueAt: number): void
  clear(): void
}

/**
 * A binary heap with one timer. Adding in order of time, which is what calls with equal timeouts do, costs O(1); a timer
 * set for a deadline that was met in time is left to fire for nothing, because resetting it would cost every call.
 */
export function createDeadlines(clock: Clock = systemClock): Deadlines {
  const heap: Deadline[] = []
  let timerAt = Number.POSITIVE_INFINITY
  let stopTimer: (() => void) | undefined

  function place(deadline: Deadline, index: number): void {
    heap[index] = deadline
    deadline.heapIndex = index
  }

  function rise(deadline: Deadline, from: number): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || parent.dueAt <= deadline.dueAt) break
      place(parent, index)
      index = parentIndex
    }
    place(deadline, index)
  }

  function sink(deadline: Deadline, from: number): void {
    let index = from
    for (;;) {
      let childIndex = 2 * index + 1
      let child = heap[childIndex]
      if (child === undefined) break
      const right = heap[childIndex + 1]
      if (right !== undefined && right.dueAt < child.dueAt) {
        child = right
        childIndex++
      }
      if (child.dueAt >= deadline.dueAt) break
      place(child, index)
      index = childIndex
    }
    place(deadline, index)
  }

  function arm(): void {
    const first = heap[0]
    if (first === undefined || timerAt <= first.dueAt) return
    stopTimer?.()
    timerAt = first.dueAt
    stopTimer = clock.after(Math.max(0, Math.ceil(timerAt - clock.now())), fire)
  }

  function fire(): void {
    timerAt = Number.POSITIVE_INFINITY
    stopTimer = undefined
    const now = clock.now()
    for (let first = heap[0]; first !== undefined && first.dueAt <= now; first = heap[0]) {
      remove(first)
      first.expire()
    }
    arm()
  }

  function remove(deadline: Deadline): void {
    const index = deadline.heapIndex
    if (index < 0) return
    deadline.heapIndex = -1
    const last = heap.pop()
    if (last === undefined || last === deadline) return
    const parent = heap[(index - 1) >> 1]
    if (index > 0 && parent !== undefined && parent.dueAt > last.dueAt) rise(last, index)
    else sink(last, index)
  }

  return {
    now: () => clock.now(),
    add(deadline) {
      rise(deadline, heap.length)
      arm()
    },
    remove,
    move(deadline, dueAt) {
      if (deadline.heapIndex < 0) return
      remove(deadline)
      deadline.dueAt = dueAt
      rise(deadline, heap.length)
      arm()
    },
    clear() {
      for (const deadline of heap) deadline.heapIndex = -1
      heap.length = 0
      stopTimer?.()
      stopTimer = undefined
      timerAt = Number.POSITIVE_INFINITY
    },
  }
}
