import { join } from 'node:path'
import { root } from './commands.ts'

/** Paths in the checkout that match, relative to it and sorted, without what is installed or built. */
export function findFiles(patterns: readonly string[]): string[] {
  const found = patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })])
  return found
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
}

/** Reads all files that match. */
export function readAll(patterns: readonly string[]): Promise<{ path: string; text: string }[]> {
  return Promise.all(findFiles(patterns).map(async (path) => ({ path, text: await Bun.file(join(root, path)).text() })))
}
