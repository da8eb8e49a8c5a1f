import { expect, test } from 'bun:test'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failure } from '../testing/failure.test.kit.ts'
import { filePins, memoryPins } from './pin-store.ts'

async function inFolder(): Promise<AsyncDisposable & { path: string }> {
  const root = await mkdtemp(join(tmpdir(), 'bao-pins-'))
  return {
    path: join(root, 'deep', 'pins.json'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

test('a pin file is for its owner alone, and the same for everybody who names it', async () => {
  await using at = await inFolder()
  const [one, other] = [filePins(at.path), filePins(at.path)]
  expect(await one.read('a')).toBeUndefined()
  const writes = await Promise.all([one.write('a', '1', undefined), other.write('b', '2', undefined)])
  expect(writes).toEqual([true, true])
  expect([await other.read('a'), await one.read('b')]).toEqual(['1', '2'])
  expect(await other.write('a', '3', undefined)).toBe(false)
  expect(((await stat(at.path)).mode & 0o777).toString(8)).toBe('600')
})

test('a pin file that was damaged is an error that names it, and is not overwritten', async () => {
  await using at = await inFolder()
  await filePins(at.path).write('a', '1', undefined)
  await writeFile(at.path, '{"a":')
  const store = filePins(at.path)
  for (const error of [await failure(store.read('a')), await failure(store.write('a', '2', undefined))]) {
    expect(error).toMatchObject({ code: 'pins_failed', message: expect.stringContaining(at.path) })
  }
  expect(await Bun.file(at.path).text()).toBe('{"a":')
})

test('pins in memory are compared and swapped', async () => {
  const store = memoryPins()
  expect(await store.write('a', '1', undefined)).toBe(true)
  expect(await store.write('a', '2', undefined)).toBe(false)
  expect(await store.read('a')).toBe('1')
})
