import { posix } from 'node:path'
import { findAll, isTest, type SourceFile, type Violation } from './source.ts'

/** Lines at which a file is split, by reason to change. */
export const MAX_LINES = 400

/** Doors that may collect other files, as the manifests name them. */
export type Doors = ReadonlySet<string>

/** Files that are too long. Tests may be longer than what they test. */
export function sizeViolations(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path, text }) => !isTest(path) && lines(text) > MAX_LINES)
    .map(({ path, text }) => ({ path, line: MAX_LINES, message: `has ${lines(text)} lines, ${MAX_LINES} at most` }))
}

/** Lines of the file in the middle when all that are no tests stand in order of length. */
export function medianLines(files: readonly SourceFile[]): number {
  const lengths = files
    .filter(({ path }) => !isTest(path))
    .map(({ text }) => lines(text))
    .sort((a, b) => a - b)
  return lengths[Math.floor(lengths.length / 2)] ?? 0
}

/** Exports have names, and a reader of a file sees which: no default, no star but in a package's door. */
export function exportViolations(files: readonly SourceFile[], doors: Doors): Violation[] {
  return files.flatMap((file) => [
    ...findAll(file, 'bare', /(?<![\w$.])export\s+default\b|\bas\s+default\b(?=[^{}]*\})/g, 'has a default export'),
    ...(doors.has(file.path) ? [] : findAll(file, 'bare', /(?<![\w$.])export\s+(?:type\s+)?\*/g, 'exports a star')),
  ])
}

/** A test stands beside the file it is about, or in `tests/`. `a.b.test.ts` is about `a.ts`. */
export function placementViolations(paths: readonly string[]): Violation[] {
  const known = new Set(paths)
  return paths
    .filter((path) => /\.test\.(?:ts|mjs)$/.test(path) && !path.startsWith('tests/'))
    .filter((path) => {
      const [subject = ''] = posix.basename(path).split('.')
      const beside = posix.join(posix.dirname(path), subject)
      return !['.ts', '.mjs', '/index.ts'].some((ending) => known.has(beside + ending))
    })
    .map((path) => ({ path, line: 1, message: 'stands beside no file of its name' }))
}

function lines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
