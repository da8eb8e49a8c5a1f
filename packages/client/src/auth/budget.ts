import type { Clock } from '@bao-mcp/protocol/engine'

/** Something that may happen so many times in so much time. */
export interface Budget {
  /** False when it is used up; then nothing is counted. */
  spend(): boolean
}

export interface BudgetOptions {
  clock: Clock
  times: number
  /** Milliseconds after which a time is forgotten. */
  windowMs: number
}

export function createBudget({ clock, times, windowMs }: BudgetOptions): Budget {
  let spent: number[] = []
  return {
    spend() {
      const now = clock.now()
      spent = spent.filter((at) => now - at < windowMs)
      if (spent.length >= times) return false
      spent.push(now)
      return true
    },
  }
}
