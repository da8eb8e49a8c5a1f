import { expect, test } from 'bun:test'
import { readArguments } from './arguments.ts'
import { createCallers } from './callers.ts'

const isForeign = (callers: ReturnType<typeof createCallers>, host: string, origin?: string): boolean =>
  callers.isForeign(new Request(`http://${host}/health`, { headers: origin === undefined ? {} : { origin } }))

test.each([
  ['127.0.0.1', 'localhost:8080'],
  ['127.0.0.2', '127.0.0.2:8080'],
  ['fd00::1', '[fd00::1]:8080'],
  ['192.168.1.5', '192.168.1.5:8080'],
  ['0.0.0.0', '127.0.0.1:8080'],
])('on %s, a caller of %s is let in, and a page whose name leads here is not', (hostname, host) => {
  const callers = createCallers(hostname)
  expect(isForeign(callers, host)).toBe(false)
  expect(isForeign(callers, host, `http://${host}`)).toBe(false)
  expect(isForeign(callers, host, 'http://localhost:5173')).toBe(true)
  expect(isForeign(callers, 'evil.example:8080')).toBe(true)
  expect(isForeign(callers, 'evil.example', 'http://evil.example')).toBe(true)
})

test('further names are let in where they are allowed, with their port or any, and all where something else checks', () => {
  const callers = createCallers('0.0.0.0', ['Jira.Internal', 'other:81'])
  expect(['jira.internal', 'jira.internal:9', 'other:81', 'other:82'].map((host) => isForeign(callers, host))).toEqual([
    false,
    false,
    false,
    true,
  ])
  const any = createCallers('0.0.0.0', 'any')
  expect([isForeign(any, 'a.example'), isForeign(any, 'a.example', 'http://b.example')]).toEqual([false, true])
})

test('the command line asks for names where an address is none', () => {
  expect(readArguments(['--host', '0.0.0.0'])).toMatchObject({
    kind: 'wrong',
    reason: expect.stringContaining('--allowed-host'),
  })
  const names = ['--host', '::', '--allowed-host', 'a', '--allowed-host', 'b']
  expect(readArguments(names)).toMatchObject({ kind: 'serve', allowedHosts: ['a', 'b'] })
  expect(readArguments(['--allowed-host', 'any'])).toMatchObject({ allowedHosts: 'any' })
})
