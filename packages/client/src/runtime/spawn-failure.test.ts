import { expect, test } from 'bun:test'
import { explainSpawnFailure } from './spawn-failure.ts'

const here = import.meta.dir
/** As Node fails, which tells all arguments. */
const failed = (code: string): Error =>
  Object.assign(new Error(`${code}: posix_spawn`), { code, spawnargs: ['--token', 'hunter2'] })

test.each([
  ['nowhere', undefined, 'ENOENT', 'command "nowhere" was not found on PATH'],
  [
    'bun x.ts',
    undefined,
    'ENOENT',
    'command "bun x.ts" was not found on PATH: no shell splits it, so everything after the program belongs into `args`',
  ],
  ['cat', '/no/such/place', 'ENOENT', 'the working directory does not exist'],
  ['cat', import.meta.path, 'ENOTDIR', 'the working directory is not a directory'],
  ['./nowhere', here, 'ENOENT', '"./nowhere" does not exist'],
  [
    './spawn-failure.ts',
    here,
    'ENOENT',
    '"./spawn-failure.ts" names an interpreter in its first line that does not exist',
  ],
  ['./spawn-failure.ts', here, 'EACCES', '"./spawn-failure.ts" is not an executable file'],
  ['cat', here, 'E2BIG', '"cat" could not be executed: E2BIG: posix_spawn'],
])('%s in %s that fails by %s', (command, cwd, code, words) => {
  const cause = failed(code)
  const error = explainSpawnFailure({ command, args: [], cwd, env: {} }, cause)
  expect(error.message).toBe(`${words} (cwd: ${cwd ?? process.cwd()})`)
  expect(error.cause).toBe(cause)
  expect(error.cause).not.toHaveProperty('spawnargs')
})
