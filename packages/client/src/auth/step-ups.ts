import type { Clock } from '@bao-mcp/protocol/engine'

/** Most logins for one operation, within the time failures are remembered. */
export const MAX_STEP_UPS = 3
/** How long it is remembered that an operation wants more than can be had, in milliseconds. */
export const STEP_UP_MEMORY_MS: number = 10 * 60_000
/** Operations that are remembered; past it the oldest goes. */
const MAX_OPERATIONS = 200

/** Remembers what was tried to get operations allowed. */
export interface StepUps {
  /** True when it is of no use to try any more. */
  isHopeless(operation: string): boolean
  /** Counts a login. */
  tried(operation: string): void
  /** True the first time a token is sent once more as it is. */
  mayRepeat(operation: string, token: string): boolean
  failed(operation: string): void
}

interface Memory {
  readonly since: number
  tries: number
  hopeless: boolean
  repeated: string | undefined
}

export function createStepUps(clock: Clock): StepUps {
  const memories = new Map<string, Memory>()

  function recall(operation: string): Memory {
    const found = memories.get(operation)
    if (found !== undefined && clock.now() - found.since < STEP_UP_MEMORY_MS) return found
    const fresh: Memory = { since: clock.now(), tries: 0, hopeless: false, repeated: undefined }
    memories.delete(operation)
    memories.set(operation, fresh)
    const [oldest] = memories.keys()
    if (memories.size > MAX_OPERATIONS && oldest !== undefined) memories.delete(oldest)
    return fresh
  }

  return {
    isHopeless(operation) {
      const { hopeless, tries } = recall(operation)
      return hopeless || tries >= MAX_STEP_UPS
    },
    tried(operation) {
      recall(operation).tries++
    },
    mayRepeat(operation, token) {
      const memory = recall(operation)
      if (memory.repeated === token) return false
      memory.repeated = token
      return true
    },
    failed(operation) {
      recall(operation).hopeless = true
    },
  }
}
