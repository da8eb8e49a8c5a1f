import { expect, test } from 'bun:test'
import * as bun from '../bun/spawn.ts'
import * as node from '../node/spawn.ts'
import type { SpawnRuntime } from '../spawn-types.ts'
import * as none from './spawn.ts'

test('every runtime offers the same', () => {
  const runtimes: SpawnRuntime[] = [bun, node, none]
  for (const runtime of runtimes) expect(Object.keys(runtime).sort()).toEqual(Object.keys(bun).sort())
})

test('a runtime without processes says what to do instead', async () => {
  const started = none.spawnChild({ command: 'cat', args: [], cwd: undefined, env: {} })
  await expect(started).rejects.toThrow('this runtime cannot start processes, so "cat" must be reached over HTTP')
  expect(none.parentEnvironment()).toEqual({})
})
