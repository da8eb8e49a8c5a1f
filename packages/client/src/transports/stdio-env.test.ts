import { expect, test } from 'bun:test'
import { childEnvironment } from './stdio-env.ts'

const parent = {
  HOME: '/home/u',
  PATH: '/bin',
  LC_ALL: 'C',
  LANG: undefined,
  TERM: '() { :; }',
  AWS_SECRET_ACCESS_KEY: 's',
  NODE_ENV: 'test',
  NODE_OPTIONS: '--x',
}

test('only harmless variables are inherited, and no shell functions', () => {
  expect(childEnvironment(parent, { windows: false })).toEqual({ HOME: '/home/u', PATH: '/bin', LC_ALL: 'C' })
})

test('what is set overrides what is inherited, and undefined takes it away', () => {
  const env = { PATH: '/opt', HOME: undefined, TOKEN: 't' }
  expect(childEnvironment(parent, { env, windows: false })).toEqual({ PATH: '/opt', LC_ALL: 'C', TOKEN: 't' })
})

test('more can be inherited, by name, by prefix or altogether', () => {
  expect(childEnvironment(parent, { inheritEnv: ['NODE_ENV'], windows: false })).toHaveProperty('NODE_ENV', 'test')
  expect(childEnvironment(parent, { inheritEnv: ['NODE_*'], windows: false })).toMatchObject({ NODE_OPTIONS: '--x' })
  expect(childEnvironment(parent, { inheritEnv: ['NODE_*'], windows: false })).not.toHaveProperty('TERM')
  const { LANG: _, ...all } = parent
  expect(childEnvironment(parent, { inheritEnv: true, windows: false })).toEqual(all)
  expect(childEnvironment(parent, { inheritEnv: false, windows: false })).not.toHaveProperty('NODE_ENV')
})

test('on Windows names have no case', () => {
  const windows = { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', Secret: 's', Home: 'h' }
  expect(childEnvironment(windows, { windows: true })).toEqual({ Path: 'C:\\bin', SystemRoot: 'C:\\Windows' })
  expect(childEnvironment(windows, { env: { PATH: 'D:' }, windows: true })).toEqual({
    SystemRoot: 'C:\\Windows',
    PATH: 'D:',
  })
  expect(childEnvironment(windows, { inheritEnv: ['secret'], windows: true })).toHaveProperty('Secret')
})
