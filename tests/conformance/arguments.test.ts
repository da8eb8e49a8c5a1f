import { expect, test } from 'bun:test'
import { readGateArguments, runs } from './arguments.ts'

test('judges everything unless told otherwise', () => {
  expect(readGateArguments([], true)).toEqual({ runs, json: false, writeAnchor: false })
})

test('takes values with a blank or an equals sign', () => {
  expect(readGateArguments(['--only=server', '--rev', 'all', '--junit=/tmp/a=b.xml', '--json'], false)).toEqual({
    only: 'server',
    runs: ['all'],
    junit: '/tmp/a=b.xml',
    json: true,
    writeAnchor: false,
  })
})

test.each([
  [['--only', 'both'], '--only is one of server, client, not both'],
  [['--rev'], '--rev is one of 2025-11-25, 2026-07-28, all, not nothing'],
  [['--junit'], '--junit needs a file to write to'],
  [['--fast'], 'unknown argument --fast; there are --only, --rev, --json, --junit and --write-anchor'],
])('refuses %j', (argv, message) => {
  expect(() => readGateArguments(argv, false)).toThrow(new TypeError(message))
})

test('a machine may not move the anchor', () => {
  expect(readGateArguments(['--write-anchor'], false).writeAnchor).toBe(true)
  expect(() => readGateArguments(['--write-anchor'], true)).toThrow(TypeError)
})
