import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Flags, flagsFromEnvironment } from './flags.ts'
import { readFlagsFile, watchFlagsFile } from './flags-file.ts'

const OTHERWISE = flagsFromEnvironment({})

function folder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'flags-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('a file that is not there, or is wrong, is refused', () => {
  using at = folder()
  const path = join(at.path, 'flags.json')
  expect(() => readFlagsFile(path, OTHERWISE)).toThrow(`JIRA_FLAGS_FILE: ${path} is not there`)
  expect(() => readFlagsFile(at.path, OTHERWISE)).toThrow('cannot be read')
  writeFileSync(path, '{"write":true}')
  expect(readFlagsFile(path, OTHERWISE).write).toBe(true)
})

test('a file that changes, or is put in the place of another, is read again', async () => {
  using at = folder()
  const path = join(at.path, 'flags.json')
  const write = Promise.withResolvers<Flags>()
  const search = Promise.withResolvers<Flags>()
  const file = watchFlagsFile({
    path,
    otherwise: OTHERWISE,
    onFlags: (flags) => {
      if (flags.write) write.resolve(flags)
      if (flags.groups.size === 1) search.resolve(flags)
    },
    onFault: () => undefined,
  })
  writeFileSync(path, '{"write":true}')
  expect((await write.promise).groups.size).toBeGreaterThan(1)
  writeFileSync(join(at.path, 'next.json'), '{"write":true,"tools":["search"]}')
  renameSync(join(at.path, 'next.json'), path)
  expect([...(await search.promise).groups]).toEqual(['search'])
  file.close()
})

test('what cannot be taken is said, and changes nothing', () => {
  using at = folder()
  const path = join(at.path, 'flags.json')
  const flags: Flags[] = []
  const faults: string[] = []
  const file = watchFlagsFile({
    path,
    otherwise: OTHERWISE,
    onFlags: (next) => void flags.push(next),
    onFault: (message) => void faults.push(message),
  })
  writeFileSync(path, '{"write":')
  file.reread()
  file.close()
  expect(flags).toEqual([])
  expect(faults).toEqual([`${path} is no JSON; the flags stay as they were`])
})

test('a file that goes away changes nothing and is told of, once', async () => {
  using at = folder()
  const path = join(at.path, 'flags.json')
  writeFileSync(path, '{"write":false}')
  const flags: Flags[] = []
  const faults: string[] = []
  const gone = Promise.withResolvers<void>()
  const back = Promise.withResolvers<void>()
  const file = watchFlagsFile({
    path,
    otherwise: { ...OTHERWISE, write: true },
    onFlags(next) {
      flags.push(next)
      if (next.groups.size === 1) back.resolve()
    },
    onFault(message) {
      faults.push(message)
      gone.resolve()
    },
  })
  rmSync(path)
  await gone.promise
  writeFileSync(join(at.path, 'something-else'), '')
  writeFileSync(path, '{"write":false,"tools":["search"]}')
  await back.promise
  file.close()
  expect(flags.some(({ write }) => write)).toBe(false)
  expect(faults).toEqual([`JIRA_FLAGS_FILE: ${path} is not there; the flags stay as they were`])
})

test('a file is read again when the folder its link leads through is swapped', async () => {
  using at = folder()
  const inFolder = (name: string): string => join(at.path, name)
  for (const [version, text] of [
    ['1', '{}'],
    ['2', '{"write":true}'],
  ] as const) {
    mkdirSync(inFolder(version))
    writeFileSync(join(inFolder(version), 'flags.json'), text)
  }
  symlinkSync('1', inFolder('..data'))
  symlinkSync('..data/flags.json', inFolder('flags.json'))
  const write = Promise.withResolvers<void>()
  const file = watchFlagsFile({
    path: inFolder('flags.json'),
    otherwise: OTHERWISE,
    onFlags: (flags) => void (flags.write && write.resolve()),
    onFault: () => undefined,
  })
  symlinkSync('2', inFolder('..data_tmp'))
  renameSync(inFolder('..data_tmp'), inFolder('..data'))
  await write.promise
  file.close()
})
