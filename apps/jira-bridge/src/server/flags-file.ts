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
  /** Where the file says nothing. */
  otherwise: Flags
  onFlags(flags: Flags): void
  /** Told why what the file says is not taken; the flags stay as they were. */
  onFault(message: string): void
  clock?: Clock
}

/** Whoever writes a file first empties it: milliseconds of its silence after which it is taken to be whole. */
const SETTLE_MS = 50

/**
 * Flags of the file as it is now.
 * @throws {SettingsError} when it cannot be read: without it nobody knows what it would have switched off
 */
export function readFlagsFile(path: string, otherwise: Flags): Flags {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const isGone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new SettingsError(`JIRA_FLAGS_FILE: ${path} ${isGone ? 'is not there' : 'cannot be read'}`, { cause })
  }
  return flagsFromFile(text, path, otherwise)
}

/**
 * Watches the folder, so that a file that is put in the place of another is seen as well, and reads the file whatever changes
 * there: it may be a link, and what it leads to over another link is what was put in place.
 */
export function watchFlagsFile(options: FlagsFileOptions): FlagsFile {
  const { path, otherwise, onFlags, onFault, clock = systemClock } = options
  const name = basename(path)
  let stopWaiting: (() => void) | undefined
  let fault: string | undefined
  const watcher = watched()

  function changedAgain(): void {
    stopWaiting = undefined
    read(fault)
  }

  /** @param known a fault that was told of, and is not worth another line */
  function read(known?: string): void {
    try {
      onFlags(readFlagsFile(path, otherwise))
      fault = undefined
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      if (error.message !== known) onFault(`${error.message}; the flags stay as they were`)
      fault = error.message
    }
  }

  function schedule(changed: string | null): void {
    // a folder where something else happens all the time must not put it off
    if (stopWaiting !== undefined && changed !== name) return
    stopWaiting?.()
    stopWaiting = clock.after(SETTLE_MS, changedAgain)
  }

  function watched(): FSWatcher | undefined {
    try {
      const made = watch(dirname(path), { persistent: false }, (_, changed) => schedule(changed))
      made.on('error', (error) => onFault(`${path} is not watched any more: ${error.message}`))
      return made
    } catch {
      onFault(`the folder of ${path} cannot be watched; SIGHUP reads the file again`)
      return undefined
    }
  }

  function close(): void {
    stopWaiting?.()
    watcher?.close()
  }

  return { reread: () => read(), close }
}
