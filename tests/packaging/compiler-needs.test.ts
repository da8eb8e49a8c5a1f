import { beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { root, tool } from '../../scripts/lib/commands.ts'
import { published } from '../../scripts/lib/pack.ts'
import { run } from '../../scripts/lib/run.ts'
import { bunConsumer, type Consumer } from './consumer.ts'

let consumer: Consumer
beforeAll(async () => {
  consumer = await bunConsumer()
}, 240_000)

/** The errors of a strict program that comes through all those doors and checks our declarations as well. */
async function errorsOf(project: string, options: object, isWanted: (door: string) => boolean): Promise<string[]> {
  const doors = consumer.set.packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports).map((door) => manifest.name + door.slice(1)),
  )
  const wanted = doors.filter((door) => !door.endsWith('.json') && isWanted(door))
  const lines = wanted.map(
    (door, n) => `import * as door${n} from '${door}'\nexport const used${n}: unknown = door${n}`,
  )
  const folder = join(consumer.folder, project)
  await Bun.write(join(folder, 'doors.ts'), lines.join('\n'))
  const compilerOptions = { module: 'NodeNext', target: 'ES2022', strict: true, noEmit: true, ...options }
  await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['doors.ts'] }))
  const { code, output } = await run(tool('tsc', '-p', folder), { cwd: root, capture: true, limitMs: 60_000 })
  const errors = output.split('\n').filter((line) => line.includes('error TS'))
  expect(code === 0).toBe(errors.length === 0)
  return errors
}

const checked = { skipLibCheck: false }
const isAny = (): boolean => true

describe('the types of every door compile, as the front pages of the packages say', () => {
  test('with the types of a runtime and nothing else', async () => {
    const typeRoots = [join(root, 'node_modules/@types')]
    const options = { ...checked, lib: ['ES2022'], types: ['bun'], typeRoots }
    expect(await errorsOf('runtime-types', options, isAny)).toEqual([])
  }, 60_000)

  test('with ESNext.Disposable and DOM, the door to HTTP with skipLibCheck', async () => {
    const options = { lib: ['ES2022', 'ESNext.Disposable', 'DOM'], types: [] }
    const isHttp = (door: string): boolean => door === '@bao-mcp/server/http'
    expect(await errorsOf('web-types', { ...options, ...checked }, (door) => !isHttp(door))).toEqual([])
    expect(await errorsOf('web-http', { ...options, skipLibCheck: true }, isHttp)).toEqual([])
  }, 60_000)

  test('and not without either', async () => {
    const errors = await errorsOf('no-types', { ...checked, lib: ['ES2022', 'DOM'], types: [] }, isAny)
    expect(errors.filter((line) => line.includes("'AsyncDisposable'")).length).toBeGreaterThan(0)
    expect(errors.filter((line) => !/'(?:Async)?Disposable'|'node:http'|'dispose'|'asyncDispose'/.test(line))).toEqual(
      [],
    )
  }, 60_000)
})

test.each([...published])('the front page of %s says what a compiler needs', async (name) => {
  const text = (await Bun.file(join(root, 'packages', name, 'README.md')).text()).replace(/\s+/g, ' ')
  expect(text).toContain('TypeScript 5.7 or later')
  expect(text).toContain('`@types/node` or `@types/bun`')
  expect(text).toContain('`ESNext.Disposable` and `DOM` in `lib`')
})

test('the front page of server names the door that has types of node:http', async () => {
  const text = (await Bun.file(join(root, 'packages/server/README.md')).text()).replace(/\s+/g, ' ')
  expect(text).toContain('without the former, `./http` needs `skipLibCheck`')
})

test.each([...published])('the front page of %s names every optional package and none other', async (name) => {
  const { peerDependencies = {} } = await Bun.file(join(root, 'packages', name, 'package.json')).json()
  const text = await Bun.file(join(root, 'packages', name, 'README.md')).text()
  const named = ['jose', 'yaml', 'smol-toml', 'jsonc-parser'].filter((each) => text.includes(`\`${each}\``))
  expect(named.sort()).toEqual(Object.keys(peerDependencies).sort())
})
