import { expect, test } from 'bun:test'
import { explainSpawnFailure } from './spawn-failure.ts'

const here = import.meta.dir
const failed = (code: string): Error => Object.assign(new Error(`${code}: posix_spawn`), { code })

test.each([
  ['nowhere', undefined, 'ENOENT', 'command "nowhere" was not found on PATH'],
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
})
