import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { pages } from './snippets.ts'

/** Commands that no block runs, and where they are tested instead. */
const TESTED_ELSEWHERE: readonly (readonly [pattern: RegExp, where: string])[] = [
  [/^npx --yes --allow-scripts=bun bun@[\d.]+ run (?:demo|test)$/, '.ci/run'],
  [/^bun run (?:demo|test)$/, '.ci/run'],
  [/^(?:npm install|bun add) [^#&;|]+(?:#.*)?$/, 'tests/packaging'],
  [/^echo '\{ "type": "module" \}' > package\.json$/, 'tests/packaging'],
  [/^curl /, 'http.test.ts'],
]

test('every command of a page is run by its block, or tested elsewhere', async () => {
  const unknown: string[] = []
  // those of an app are tested with the app
  const own = (await pages()).filter((page) => !page.startsWith('apps/'))
  for (const page of own) {
    const text = await Bun.file(join(root, page)).text()
    for (const [, marker, block = ''] of text.matchAll(/^(<!-- .*-->\n)?```sh\n([\s\S]*?)^```$/gm)) {
      if (marker !== undefined) continue
      const commands = block
        .replaceAll(/\n {2,}/g, ' ')
        .split('\n')
        .filter((line) => line !== '')
      for (const command of commands) {
        if (!TESTED_ELSEWHERE.some(([pattern]) => pattern.test(command))) unknown.push(`${page}: ${command}`)
      }
    }
  }
  expect(unknown).toEqual([])
})

test('every link of a page leads to a file, and to a heading where it names one', async () => {
  const broken: string[] = []
  const documents = ['CONTRIBUTING.md', ...(await pages())]
  for await (const path of new Bun.Glob('docs/*.md').scan({ cwd: root })) documents.push(path)
  for (const page of documents) {
    const text = await Bun.file(join(root, page)).text()
    for (const [, target = ''] of text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', heading] = target.split('#')
      const file = path === '' ? join(root, page) : join(root, page, '..', path)
      const isThere = path.endsWith('.md') || path === '' ? await Bun.file(file).exists() : await exists(file)
      const hasHeading = heading === undefined || (isThere && headingsOf(await Bun.file(file).text()).includes(heading))
      if (!isThere || !hasHeading) broken.push(`${page}: ${target}`)
    }
  }
  expect(broken).toEqual([])
})

test('every file that the architecture names is there', async () => {
  const text = await Bun.file(join(root, 'docs/architecture.md')).text()
  const paths = [...text.matchAll(/`((?:client|server|protocol)\/src\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(paths).toContain('server/src/eras/select.ts')
  const gone: string[] = []
  for (const path of paths) if (!(await exists(join(root, 'packages', path)))) gone.push(path)
  expect(gone).toEqual([])
})

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
    words
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

async function exists(path: string): Promise<boolean> {
  return (
    (await Bun.file(path).exists()) || (await Bun.file(join(path, 'package.json')).exists()) || (await hasFiles(path))
  )
}

async function hasFiles(folder: string): Promise<boolean> {
  for await (const _ of new Bun.Glob('*').scan({ cwd: folder })) return true
  return false
}
