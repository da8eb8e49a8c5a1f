import { expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Flags, flagsFromEnvironment } from './flags.ts'
import { readFlagsFile, watchFlagsFile } from './flags-file.ts'

const OTHERWISE = flagsFromEnvironment({})

function folder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'flags-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('a file that is not there says nothing; one that is wrong is refused', () => {
  using at = folder()
  const path = join(at.path, 'flags.json')
  expect(readFlagsFile(path, OTHERWISE)).toBe(OTHERWISE)
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
  expect(faults).toEqual([`${path} is no JSON`])
})
