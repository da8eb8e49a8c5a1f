import { untilAborted } from './until-aborted.ts'

/**
 * Where credentials are kept. One store may serve many servers, authorizers and processes. Texts hold secrets: keep them
 * where nobody else can read them.
 */
export interface TokenStore {
  /** The text under a key; undefined when there is none. */
  read(key: string): Promise<string | undefined>
  /**
   * Compares and swaps: keeps `text` (undefined removes it) if `expected` is what stands there, else changes nothing and
   * gives false.
   */
  write(key: string, text: string | undefined, expected: string | undefined): Promise<boolean>
  /**
   * Waits until nobody else holds the key, in any process that shares the store; disposing lets go. Reading and writing
   * need no lock. A holder that dies lets go.
   * @throws the signal's reason
   */
  lock(key: string, signal?: AbortSignal): Promise<AsyncDisposable>
}

/** Keeps credentials as long as the process lives. */
export function memoryTokens(): TokenStore {
  const texts = new Map<string, string>()
  const lock = createKeyLocks()
  return {
    async read(key) {
      return texts.get(key)
    },
    async write(key, text, expected) {
      if (texts.get(key) !== expected) return false
      if (text === undefined) texts.delete(key)
      else texts.set(key, text)
      return true
    },
    lock,
  }
}

/** Locks by name within one process; who asks first gets it first. */
export function createKeyLocks(): TokenStore['lock'] {
  const tails = new Map<string, Promise<void>>()
  return async (key, signal) => {
    signal?.throwIfAborted()
    const before = tails.get(key)
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const tail = before === undefined ? held : before.then(() => held)
    tails.set(key, tail)
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    try {
      await untilAborted(before ?? Promise.resolve(), signal)
    } catch (reason) {
      // whoever waits behind waits for those before as well
      letGo()
      throw reason
    }
    return {
      async [Symbol.asyncDispose]() {
        letGo()
      },
    }
  }
}
