import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { TokenFile, TokenFileRuntime } from '../runtime/auth-types.ts'
import { AuthError } from './auth-error.ts'
import { createKeyLocks, type TokenStore } from './token-store.ts'

/**
 * Keeps credentials in one file that only its owner can read, shared by all processes that name it. A process that is
 * killed while it holds a lock lets go of it; the file is always a whole one, the old or the new.
 * @param path absolute, or from where the process runs; its folder is made when it is missing
 * @throws {AuthError} `storage_failed`, from the store's functions
 */
export function fileTokens(path: string): TokenStore {
  let opened: Promise<TokenFile> | undefined
  // the file lock is between processes; within one, a queue costs no polling
  const queue = createKeyLocks()

  function open(): Promise<TokenFile> {
    opened ??= import('#runtime/token-file').then(({ openTokenFile }: TokenFileRuntime) => openTokenFile(path))
    return opened
  }

  async function attempt<T>(work: (file: TokenFile) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work(await open())
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason
      if (cause instanceof AuthError) throw cause
      throw new AuthError('storage_failed', `the token file ${path} cannot be used; check its folder and its owner`, {
        cause,
      })
    }
  }

  async function texts(file: TokenFile): Promise<JsonObject> {
    const text = await file.read()
    if (text === undefined || text === '') return {}
    try {
      const parsed: unknown = JSON.parse(text)
      if (isJsonObject(parsed)) return parsed
    } catch {
      // the same failure as a file of another kind, and the text must not be repeated
    }
    throw new AuthError('storage_failed', `the token file ${path} is no JSON object; remove it and log in again`)
  }

  async function lock(key: string, signal?: AbortSignal): Promise<AsyncDisposable> {
    const turn = await queue(key, signal)
    try {
      const held = await attempt((file) => file.lock(key, signal), signal)
      return {
        async [Symbol.asyncDispose]() {
          try {
            await held[Symbol.asyncDispose]()
          } finally {
            await turn[Symbol.asyncDispose]()
          }
        },
      }
    } catch (failure) {
      await turn[Symbol.asyncDispose]()
      throw failure
    }
  }

  return {
    read: (key) =>
      attempt(async (file) => {
        const found = ownText(await texts(file), key)
        return found
      }),
    async write(key, text, expected) {
      // all keys share the file, so the lock is the file's and is held for a moment only
      await using _held = await lock('')
      return await attempt(async (file) => {
        const all = await texts(file)
        if (ownText(all, key) !== expected) return false
        const others = Object.entries(all).filter(([name]) => name !== key)
        const entries = text === undefined ? others : [...others, [key, text]]
        await file.replace(`${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`)
        return true
      })
    },
    lock,
  }
}

function ownText(all: JsonObject, key: string): string | undefined {
  const text = Object.hasOwn(all, key) ? all[key] : undefined
  return typeof text === 'string' ? text : undefined
}
