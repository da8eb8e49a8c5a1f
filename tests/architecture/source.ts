import { join, posix } from 'node:path'
import { blank } from './blank.ts'

/** One file of the tree, in the three readings that the rules need. */
export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  path: string
  text: string
  /** Without comments. */
  code: string
  /** Without comments and the contents of strings. */
  bare: string
  imports: readonly Import[]
}

export interface Import {
  specifier: string
  /**
   * `value` is loaded with the file, `dynamic` only when it is reached, `type` never. `import { type A } from` is a
   * value: the built file keeps it as a bare import.
   */
  kind: 'value' | 'type' | 'dynamic'
  line: number
}

/** A broken rule, in words for a person. */
export interface Violation {
  path: string
  line: number
  message: string
}

const statement =
  /(?<![\w$.])(?:import(?:\s+|(?=[{*'"]))(type\s+(?!from\b))?(?:[\w$\s{},*]+?\bfrom\s*)?|export\s+(type\s+)?(?:\{[^}]*\}|\*(?:\s*as\s+[\w$]+)?)\s*from\s*)(['"])( *)\3/g
const call = /(?<![\w$.])(?:import|require)\s*\(\s*(['"`])( *)\1/g

/** Reads one file. `path` is relative to the root. */
export function sourceFile(path: string, text: string): SourceFile {
  const { code, bare } = blank(text)
  return { path, text, code, bare, imports: [...importsOf(text, bare)] }
}

/** Reads the tree's TypeScript files. */
export async function readTree(root: string, patterns: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for (const pattern of patterns) {
    for await (const found of new Bun.Glob(pattern).scan({ cwd: root })) {
      const path = found.replaceAll('\\', '/')
      if (/(^|\/)(node_modules|dist)\//.test(path)) continue
      files.push(sourceFile(path, await Bun.file(join(root, path)).text()))
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Whether a file is a test or, as in `x.test.kit.ts`, a part of one: neither built nor published. */
export function isTest(path: string): boolean {
  return /\.test\.(?:[\w-]+\.)*(?:ts|mjs)$/.test(path)
}

/** The file that a relative specifier names, relative to the root. */
export function resolveRelative(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}

/** Every match of a pattern in one reading of a file. */
export function findAll(file: SourceFile, reading: 'code' | 'bare', pattern: RegExp, message: string): Violation[] {
  return [...file[reading].matchAll(pattern)].map((found) => ({
    path: file.path,
    line: lineAt(file.text, found.index),
    message: `${message}: ${file.text.slice(found.index, found.index + found[0].length).trim()}`,
  }))
}

/** Fails a test with all violations at once, one a line. */
export function report(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, message }) => `${path}:${line}: ${message}`)
}

function* importsOf(text: string, bare: string): Generator<Import> {
  const at = (match: RegExpExecArray | RegExpMatchArray, blanks: string): Omit<Import, 'kind'> => {
    const end = (match.index ?? 0) + match[0].length - 1
    return { specifier: text.slice(end - blanks.length, end), line: lineAt(text, end) }
  }
  for (const match of bare.matchAll(statement)) {
    const [, importType, exportType, , blanks = ''] = match
    yield { ...at(match, blanks), kind: (importType ?? exportType) === undefined ? 'value' : 'type' }
  }
  for (const match of bare.matchAll(call)) yield { ...at(match, match[2] ?? ''), kind: 'dynamic' }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
