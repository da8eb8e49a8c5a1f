import { expect, test } from 'bun:test'
import { readArguments, USAGE } from './arguments.ts'

test('it serves stdin and stdout, or HTTP on this machine', () => {
  expect(readArguments([])).toEqual({ kind: 'stdio' })
  expect(readArguments(['--http'])).toEqual({ kind: 'http', port: 3000, host: '127.0.0.1', allowedHosts: [] })
  const more = ['--http', '--port', '0', '--host', '0.0.0.0', '--allowed-host', 'a', '--allowed-host', 'b']
  expect(readArguments(more)).toEqual({ kind: 'http', port: 0, host: '0.0.0.0', allowedHosts: ['a', 'b'] })
})

test.each([
  [['--allowed-host', 'a'], /need --http, as --allowed-host does/],
  [['--http', '--port', '1e3'], /--port must be a whole number from 0 to 65535, got "1e3"/],
  [['--http', '--port', ''], /got ""/],
  [['--hots'], /--hots/],
])('%j is told what is wrong with it', (args, says) => {
  expect(() => readArguments(args)).toThrow(says)
})

test('the help names what lets others in', () => {
  expect(readArguments(['-h'])).toEqual({ kind: 'help' })
  for (const name of ['--allowed-host', 'JIRA_BRIDGE_TOKEN', '--host']) expect(USAGE).toContain(name)
})
