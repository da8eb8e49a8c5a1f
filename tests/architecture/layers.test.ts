import { expect, test } from 'bun:test'
import { layerViolations } from './layers.ts'
import { report, sourceFile } from './source.ts'
import { tree } from './tree.ts'

const broken = (path: string, specifier: string): boolean =>
  layerViolations([sourceFile(path, `import type { a } from '${specifier}'`)]).length === 1

const protocol = 'packages/protocol/src'
const client = 'packages/client/src'
const server = 'packages/server/src'

test.each([
  ['client to server', `${client}/a.ts`, '@bao-mcp/server'],
  ['server to client', `${server}/a.ts`, '@bao-mcp/client'],
  ['server to client in a test', `${server}/a.test.ts`, '@bao-mcp/client'],
  ['protocol to client', `${protocol}/a.ts`, '@bao-mcp/client'],
  ['a package to an app', `${client}/a.ts`, '@bao-mcp/app-echo'],
  ['client to protocol by its path', `${client}/a.ts`, '../../protocol/src/errors.ts'],
  ['an app to a package by its path', 'apps/echo/src/a.ts', '../../../packages/client/src/index.ts'],
  ['protocol to anything but zod', `${protocol}/a.ts`, 'ajv'],
  ['jsonrpc to shapes', `${protocol}/jsonrpc/a.ts`, '../shapes/base.ts'],
  ['jsonrpc to revisions', `${protocol}/jsonrpc/a.ts`, '../revisions/index.ts'],
  ['jsonrpc to a file beside it', `${protocol}/jsonrpc/a.ts`, '../outcome.ts'],
  ['shapes to revisions', `${protocol}/shapes/a.ts`, '../revisions/revision.ts'],
  ['shapes to a file beside it', `${protocol}/shapes/a.ts`, '../outcome.ts'],
  ['a revision to the package index', `${protocol}/revisions/2026-07-28/a.ts`, '../../index.ts'],
  ['a file to what is for tests', `${protocol}/a.ts`, './testing/index.ts'],
])('catches %s', (_, path, specifier) => {
  expect(broken(path, specifier)).toBe(true)
})

test.each([
  ['client to protocol', `${client}/a.ts`, '@bao-mcp/protocol/engine'],
  ['an app to everything', 'apps/echo/src/a.ts', '@bao-mcp/server'],
  ['an app to itself', 'apps/jira-bridge/src/a/b.ts', '../c.ts'],
  ['revisions to shapes', `${protocol}/revisions/2026-07-28/a.ts`, '../../shapes/base.ts'],
  ['revisions to a file beside them', `${protocol}/revisions/a.ts`, '../outcome.ts'],
  ['shapes to jsonrpc', `${protocol}/shapes/a.ts`, '../jsonrpc/message.ts'],
  ['protocol to zod', `${protocol}/shapes/a.ts`, 'zod'],
  ['a protocol test to its tools', `${protocol}/a.test.ts`, 'fast-check'],
  ['the index to everything', `${protocol}/index.ts`, './revisions/index.ts'],
])('lets %s pass', (_, path, specifier) => {
  expect(broken(path, specifier)).toBe(false)
})

test('the tree keeps its arrows', async () => {
  expect(report(layerViolations(await tree()))).toEqual([])
})
