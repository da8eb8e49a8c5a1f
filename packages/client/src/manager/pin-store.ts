import { memoryTokens, type TokenStore } from '../auth/token-store.ts'
import { ManagerError } from './manager-error.ts'

/** Where it is kept which tools were accepted. One store may serve many servers, managers and processes. */
export interface PinStore {
  /** The text under a key; undefined when there is none. */
  read(key: string): Promise<string | undefined>
  /**
   * Compares and swaps: keeps `text` (undefined removes it) if `expected` is what stands there, else changes nothing and
   * gives false.
   */
  write(key: string, text: string | undefined, expected: string | undefined): Promise<boolean>
}

/** Keeps pins as long as the process lives. */
export function memoryPins(): PinStore {
  const { read, write } = memoryTokens()
  return { read, write }
}

/**
 * Keeps pins in one JSON file that only its owner can read and write, shared by all processes that name it; none loses
 * what another has written.
 * @param path absolute, or from where the process runs; its folder is made when it is missing
 * @throws {ManagerError} `pins_failed`, from the store's functions
 */
export function filePins(path: string): PinStore {
  let opened: Promise<TokenStore> | undefined

  async function attempt<T>(work: (store: PinStore) => Promise<T>): Promise<T> {
    try {
      // the same kind of file: whole at any time, its owner's alone, compared and swapped under a lock
      opened ??= import('../auth/file-tokens.ts').then(({ fileTokens }) => fileTokens(path))
      return await work(await opened)
    } catch (cause) {
      const advice = 'check its folder, its owner and that it is a JSON object; without it nothing counts as accepted'
      throw new ManagerError('pins_failed', `the pin file ${path} cannot be used; ${advice}`, { cause })
    }
  }

  return {
    read: (key) => attempt((store) => store.read(key)),
    write: (key, text, expected) => attempt((store) => store.write(key, text, expected)),
  }
}
