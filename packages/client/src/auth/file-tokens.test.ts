import { describe, expect, test } from 'bun:test'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StoreAtHand, tokenStoreSuite } from '../../test/token-store-suite.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { fileTokens } from './file-tokens.ts'

async function inFolder(): Promise<StoreAtHand & { path: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'bao-tokens-'))
  const folder = join(root, 'deep', 'er')
  const path = join(folder, 'tokens.json')
  return {
    store: fileTokens(path),
    path,
    folder,
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
    },
  }
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

tokenStoreSuite('fileTokens', inFolder)

describe('a token file', () => {
  test('is for its owner alone, and so is its folder [MCP-288]', async () => {
    await using at = await inFolder()
    await at.store.write('a', 'secret', undefined)
    expect([await modeOf(at.path), await modeOf(at.folder), await modeOf(`${at.path}.locks`)]).toEqual([
      '600',
      '700',
      '700',
    ])
    for (const name of await readdir(`${at.path}.locks`))
      expect(await modeOf(join(`${at.path}.locks`, name))).toBe('600')
  })

  test('that others could read is taken from them when it is read [MCP-288]', async () => {
    await using at = await inFolder()
    await at.store.write('a', '1', undefined)
    await chmod(at.path, 0o644)
    expect(await at.store.read('a')).toBe('1')
    expect(await modeOf(at.path)).toBe('600')
  })

  test('is the same for everybody who names it', async () => {
    await using at = await inFolder()
    await at.store.write('a', '1', undefined)
    const other = fileTokens(at.path)
    expect(await other.write('a', '2', '1')).toBe(true)
    expect(await at.store.write('a', '3', '1')).toBe(false)
    expect(await at.store.read('a')).toBe('2')
  })

  test('leaves no drafts behind, and no more locks than there are names', async () => {
    await using at = await inFolder()
    for (let times = 0; times < 5; times++)
      await at.store.write('a', `${times}`, times === 0 ? undefined : `${times - 1}`)
    expect(await readdir(at.folder)).toEqual(['tokens.json', 'tokens.json.locks'])
    expect(await readdir(`${at.path}.locks`)).toHaveLength(1)
  })

  test('that was damaged is told, and neither shown nor thrown away', async () => {
    await using at = await inFolder()
    await at.store.write('a', '1', undefined)
    await writeFile(at.path, '{"a": "refresh-secret"')
    const error = await failure(at.store.read('a'))
    expect(error).toMatchObject({ code: 'storage_failed', message: expect.stringContaining(at.path) })
    expect(Bun.inspect(error, { depth: 9 })).not.toContain('refresh-secret')
    expect(await failure(at.store.write('a', '2', undefined))).toMatchObject({ code: 'storage_failed' })
    expect(await Bun.file(at.path).text()).toContain('refresh-secret')
  })

  test('that cannot be there is an error with its path', async () => {
    await using at = await inFolder()
    await at.store.write('a', '1', undefined)
    const error = await failure(fileTokens(join(at.path, 'below')).write('a', '1', undefined))
    expect(error).toMatchObject({ code: 'storage_failed', message: expect.stringContaining(at.path) })
  })
})
