import { type FSWatcher, realpathSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'

/** Variables of this process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

/** The same place, wherever it is looked at from. */
export function absolutePath(path: string): string {
  return resolve(path)
}

/** @throws {Error} where it cannot be read */
export function readText(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

/** Variables of a file of lines `NAME=value`. */
export function parseDotenv(text: string): Readonly<Record<string, string | undefined>> {
  return parseEnv(text)
}

/**
 * Tells of every change of a file, also when another one is put in its place and when it appears only now; too often rather than
 * too seldom. Keeps no process alive. Returns how to end it.
 * @throws {Error} where its folder cannot be watched: a file's own watch is lost when an editor puts another file there
 */
export function watchFile(path: string, onChange: () => void, onError: (error: Error) => void): () => void {
  const watchers: FSWatcher[] = []

  function watchFolderOf(file: string): void {
    const name = basename(file)
    const watcher = watch(dirname(file), { persistent: false }, (_event, changed) => {
      // some platforms do not say which file it was
      if (changed === null || changed === name || isLink) onChange()
    })
    watcher.on('error', onError)
    watchers.push(watcher)
  }

  const file = resolve(path)
  const real = targetOf(file)
  // a link may come to point elsewhere by a change of any name in its folder
  const isLink = real !== file
  watchFolderOf(file)
  if (dirname(real) !== dirname(file)) watchFolderOf(real)
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}

/** What a link leads to. At once, so that no change falls between looking and watching. */
function targetOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    // there is no such file yet, and the folder tells when there is
    return file
  }
}
