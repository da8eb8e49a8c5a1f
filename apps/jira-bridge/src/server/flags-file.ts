import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { SettingsError } from './credentials.ts'
import { type Flags, flagsFromFile } from './flags.ts'

export interface FlagsFile {
  /** Reads it again now. */
  reread(): void
  close(): void
}

export interface FlagsFileOptions {
  path: string
  /** Where the file says nothing, or is not there. */
  otherwise: Flags
  onFlags(flags: Flags): void
  /** Told why what the file says is not taken; the flags stay as they were. */
  onFault(message: string): void
  clock?: Clock
}

/** Whoever writes a file first empties it: milliseconds of silence after which it is taken to be whole. */
const SETTLE_MS = 50

/**
 * Flags of the file as it is now.
 * @throws {SettingsError} when it is there and cannot be read
 */
export function readFlagsFile(path: string, otherwise: Flags): Flags {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return otherwise
    throw new SettingsError(`JIRA_FLAGS_FILE: ${path} cannot be read`, { cause })
  }
  return flagsFromFile(text, path, otherwise)
}

/** Watches the folder, so that a file that is put in the place of another is seen as well. */
export function watchFlagsFile(options: FlagsFileOptions): FlagsFile {
  const { path, otherwise, onFlags, onFault, clock = systemClock } = options
  const name = basename(path)
  let stopWaiting: () => void = () => undefined
  const watcher = watched()

  function reread(): void {
    try {
      onFlags(readFlagsFile(path, otherwise))
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      onFault(error.message)
    }
  }

  function watched(): FSWatcher | undefined {
    try {
      const made = watch(dirname(path), { persistent: false }, (_, changed) => {
        if (changed !== null && changed !== name) return
        stopWaiting()
        stopWaiting = clock.after(SETTLE_MS, reread)
      })
      made.on('error', (error) => onFault(`${path} is not watched any more: ${error.message}`))
      return made
    } catch {
      onFault(`the folder of ${path} cannot be watched; SIGHUP reads the file again`)
      return undefined
    }
  }

  function close(): void {
    stopWaiting()
    watcher?.close()
  }

  return { reread, close }
}
