import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { TokenFile } from '../auth-types.ts'
import { acquireLock } from './token-lock.ts'

const OWNER_FILE = 0o600
const OWNER_FOLDER = 0o700
const OTHERS = 0o077

/** A file that belongs to its owner alone, with its locks in a folder beside it. */
export function openTokenFile(path: string): TokenFile {
  const file = resolve(path)
  const folder = dirname(file)
  const locks = `${file}.locks`

  async function prepare(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: OWNER_FOLDER })
  }

  return {
    async read() {
      try {
        const { mode } = await stat(file)
        // somebody copied it here, or made it by hand
        if ((mode & OTHERS) !== 0 && process.platform !== 'win32') await chmod(file, OWNER_FILE)
        return await readFile(file, 'utf8')
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined
        throw error
      }
    },
    async replace(text) {
      await prepare()
      const draft = `${file}.${crypto.randomUUID()}.tmp`
      try {
        const handle = await open(draft, 'wx', OWNER_FILE)
        try {
          await handle.writeFile(text)
          // a refresh token that was used up must not come back after a power cut
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(draft, file)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
    async lock(name, signal) {
      await prepare()
      await mkdir(locks, { recursive: true, mode: OWNER_FOLDER })
      return acquireLock(locks, name, signal)
    },
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
