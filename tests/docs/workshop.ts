import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, tool } from '../../scripts/lib/commands.ts'
import { run } from '../../scripts/lib/run.ts'
import { inPrelude } from './preludes.ts'
import { pages, type Snippet, snippetsOf } from './snippets.ts'

/** A page whose blocks are files. */
export interface Page {
  readonly path: string
  readonly folder: string
  readonly blocks: readonly Block[]
}

export interface Block extends Snippet {
  /** The file's name in the page's folder. */
  readonly file: string
  /** What the file holds. */
  readonly text: string
  readonly linesBefore: number
}

/** Every block of every page as a file in a folder that goes away with it. */
export interface Workshop extends Disposable {
  readonly folder: string
  readonly pages: readonly Page[]
  /** Blocks that cannot be read, and why. */
  readonly faults: readonly string[]
  /** Compiles all blocks together. */
  check(): Promise<string[]>
}

/**
 * Writes all blocks into a new folder.
 *
 * @param inside where the packages are installed; the workspace has them as they are for a user
 */
export async function openWorkshop(inside: string = import.meta.dir): Promise<Workshop> {
  const folder = mkdtempSync(join(inside, '.run-'))
  const outcomes = await Promise.allSettled((await pages()).map((path) => writePage(folder, path)))
  const written = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  return {
    folder,
    pages: written,
    faults: outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : [])),
    check: () => typecheck(folder, written),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function writePage(parent: string, path: string): Promise<Page> {
  const folder = join(parent, path.replace(/\.md$/, '').replaceAll('/', '-'))
  mkdirSync(folder)
  const blocks = await Promise.all((await snippetsOf(path)).map(toBlock))
  const names = blocks.map(({ file }) => file)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${path} has two blocks named ${twice}`)
  await Promise.all(blocks.map(({ file, text }) => Bun.write(join(folder, file), text)))
  return { path, folder, blocks }
}

async function toBlock(snippet: Snippet): Promise<Block> {
  const { name = `line-${snippet.line}.${snippet.language}`, prelude } = snippet.marker
  return { ...snippet, file: name, ...(await inPrelude(prelude, snippet.code)) }
}

/** What the compiler objects to, by page and line. */
async function typecheck(folder: string, written: readonly Page[]): Promise<string[]> {
  const files = written.flatMap((page) =>
    page.blocks.filter(({ file }) => file.endsWith('.ts')).map(({ file }) => join(page.folder, file)),
  )
  const config = {
    extends: relative(folder, join(root, 'tsconfig.json')),
    include: [],
    files: files.map((file) => relative(folder, file)),
  }
  await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { code, output } = await run(tool('tsc', '-p', folder, '--pretty', 'false'), { cwd: root, capture: true })
  const objections = output.split('\n').filter((line) => line !== '')
  if (code !== 0 && objections.length === 0) return [`the compiler failed: exit code ${code}`]
  return objections.map((line) => inPages(line, written))
}

/** The same words, with the page and its line in place of the file and its line. */
function inPages(line: string, written: readonly Page[]): string {
  const [, path = '', number = '', rest = ''] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? []
  for (const { path: page, folder, blocks } of written) {
    const block = blocks.find(({ file }) => join(folder, file) === join(root, path))
    if (block !== undefined) return `${page}:${block.line + Number(number) - 1 - block.linesBefore}: ${rest}`
  }
  return line
}
