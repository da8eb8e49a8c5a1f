import { dirname } from 'node:path'

/** The last lines of what a process said, in one line: enough to see why it failed. */
export function lastWords(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-6).join(' / ').replaceAll(/\s+/g, ' ').replaceAll(REPOSITORY, '')
}

const REPOSITORY = `${dirname(dirname(import.meta.dir))}/`
