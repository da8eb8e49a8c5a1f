import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

/** What the comment above a block says of it; `README.md` beside this file has the vocabulary. */
export interface Marker {
  readonly verb: 'file' | 'run' | 'serve' | 'check'
  /** The name of the file that the block becomes. */
  readonly name: string | undefined
  /** What stands around the block when it is compiled. */
  readonly prelude: string | undefined
  /** Bun alone can run it. */
  readonly bunOnly: boolean
  /** Why it is not run, where it is not. */
  readonly reason: string | undefined
  /** What it prints, where that is said. */
  readonly prints: string | undefined
}

/** A block of code, or of another file, on a page. */
export interface Snippet {
  /** The page's path from the root. */
  readonly page: string
  /** The line of the page on which the code begins. */
  readonly line: number
  /** The word behind the fence. */
  readonly language: string
  readonly code: string
  readonly marker: Marker
}

/** The pages whose blocks are compiled and run. */
export async function pages(): Promise<string[]> {
  const found: string[] = []
  for (const pattern of ['README.md', 'docs/guide/*.md', '{apps,packages}/*/README.md']) {
    for await (const path of new Bun.Glob(pattern).scan({ cwd: root })) found.push(path.replaceAll('\\', '/'))
  }
  return found.sort()
}

/** @throws {Error} naming page and line of a block that nothing is said about */
export async function snippetsOf(page: string): Promise<Snippet[]> {
  return readSnippets(page, await Bun.file(join(root, page)).text())
}

const FENCE = /(?:^<!-- ((?:file|run|serve|check)\b[\s\S]*?)-->\n)?^([ \t]*)```(\w*)\n([\s\S]*?)^[ \t]*```$/gm
/** The output of a program, for readers. */
const OUTPUT = /^\s*```text\n([\s\S]*?)```/
const CODE: ReadonlySet<string> = new Set(['ts', 'tsx', 'typescript', 'js', 'javascript', 'mjs'])

/** @throws {Error} naming page and line of a block that nothing is said about */
export function readSnippets(page: string, text: string): Snippet[] {
  return [...text.matchAll(FENCE)].flatMap((found) => {
    const [whole, comment, indent = '', language = '', code = ''] = found
    if (comment === undefined && language !== '' && !CODE.has(language)) return []
    const before = text.slice(0, found.index + whole.indexOf('```'))
    const line = before.split('\n').length + 1
    if (language === '') throw new Error(`${page}:${line}: a block needs a language`)
    if (indent !== '') throw new Error(`${page}:${line}: a block must not be indented`)
    if (comment === undefined) throw new Error(`${page}:${line}: nothing says how this block is tested`)
    const marker = readMarker(`${page}:${line}`, comment, OUTPUT.exec(text.slice(found.index + whole.length))?.[1])
    return [{ page, line, language, code, marker }]
  })
}

const VERB = /^(file|run|serve|check)(?: ([\w./-]+\.[a-z]+))?(?: in ([\w-]+))?( on bun)?(?:: (.+))?$/

function readMarker(place: string, comment: string, below: string | undefined): Marker {
  const [first = '', ...rest] = comment.split('\n')
  const [, verb, name, prelude, bunOnly, reason] = VERB.exec(first.trim()) ?? []
  if (verb !== 'file' && verb !== 'run' && verb !== 'serve' && verb !== 'check')
    throw new Error(`${place}: not understood: ${first.trim()}`)
  if ((verb === 'check') !== (reason !== undefined))
    throw new Error(`${place}: exactly a block that is only checked needs a reason`)
  if ((verb === 'file' || verb === 'serve') && name === undefined) throw new Error(`${place}: ${verb} needs a name`)
  const prints = rest.length === 0 ? undefined : rest.join('\n')
  if (verb === 'run' && prints !== undefined && below !== undefined)
    throw new Error(`${place}: what it prints is said twice`)
  if (prints !== undefined && verb !== 'run') throw new Error(`${place}: only what is run prints`)
  return {
    verb,
    name,
    prelude,
    bunOnly: bunOnly !== undefined,
    reason,
    prints: verb === 'run' ? (prints ?? below) : undefined,
  }
}
