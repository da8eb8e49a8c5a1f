import { guarded } from '../listeners.ts'
import type { See, TapMessage } from './tap.ts'
import { traceLine } from './trace.ts'

/** Variable of the environment that has every message printed to stderr. */
const VARIABLE = 'BAO_DEBUG'

/**
 * Finds out who sees the messages: the listener, stderr where `BAO_DEBUG=1` is set, both, or nobody.
 * The environment is asked once, when the first server is started.
 */
export function createWatching(
  tap: ((message: TapMessage) => void) | undefined,
): (server: string) => Promise<See | undefined> {
  const hear = guarded(tap)
  let printing: Promise<((message: TapMessage) => void) | undefined> | undefined

  async function printer(): Promise<((message: TapMessage) => void) | undefined> {
    const { parentEnvironment, writeStderr } = await import('#runtime/spawn')
    if (parentEnvironment()[VARIABLE] !== '1') return undefined
    const encoder = new TextEncoder()
    return (message) => writeStderr(encoder.encode(`${traceLine(message)}\n`))
  }

  return async (server) => {
    printing ??= printer()
    const print = await printing
    if (tap === undefined && print === undefined) return undefined
    return (direction, message) => {
      const shown: TapMessage = { server, direction, message }
      hear(shown)
      print?.(shown)
    }
  }
}
