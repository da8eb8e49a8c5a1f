import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import type { ScriptedTransport } from '../testing/scripted-server.test.kit.ts'
import { helpful, managed } from './managed.test.kit.ts'
import { originOf } from './origins.ts'

/** A server with resources, which tells its own name in their contents. */
function library(name: string, uris: readonly string[], templates: readonly string[] = []): ScriptedTransport {
  const capabilities = { tools: {}, resources: { listChanged: true } }
  return helpful(
    (message, wire) => {
      const { method, params } = message
      if (method === 'resources/list') wire.answer(message, { resources: uris.map((uri) => ({ uri, name: uri })) })
      else if (method === 'resources/templates/list') {
        wire.answer(message, { resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name: 'any' })) })
      } else if (method === 'resources/read') wire.answer(message, { contents: [{ uri: params?.uri, text: name }] })
      else return false
      return true
    },
    { greeting: { capabilities } },
  )
}

test('a resource is read from the server that offers it; what is listed comes before a template', async () => {
  await using m = managed()
  await m.manager.add('plain', helpful())
  await m.manager.add('notes', library('notes', [], ['note:///{+path}']))
  await m.manager.add('days', library('days', ['note:///today']))
  expect(await m.manager.readResource('note:///today')).toMatchObject({ contents: [{ text: 'days' }] })
  expect(await m.manager.readResource('note:///a/b')).toMatchObject({ contents: [{ text: 'notes' }] })
  const none = await failure(m.manager.readResource('file:///x'))
  expect(none).toMatchObject({ code: 'unknown_resource', known: ['note:///today'] })
})

test('a resource that two servers offer is read from the one that is named', async () => {
  await using m = managed()
  await m.manager.add('a', library('a', ['note:///x']))
  await m.manager.add('b', library('b', ['note:///x']))
  expect(await failure(m.manager.readResource('note:///x'))).toMatchObject({
    code: 'ambiguous_resource',
    known: ['a', 'b'],
  })
  expect(await m.manager.readResource('note:///x', { server: 'b' })).toMatchObject({ contents: [{ text: 'b' }] })
})

test('a list of resources that changed is made again', async () => {
  await using m = managed()
  const uris = ['note:///x']
  const server = library('a', uris)
  await m.manager.add('a', server)
  await failure(m.manager.readResource('note:///y'))
  uris.push('note:///y')
  server.wire.send({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' })
  await settle()
  expect(await m.manager.readResource('note:///y')).toMatchObject({ contents: [{ text: 'a' }] })
})

test('servers that were not asked are named where nobody offers a resource', () => {
  const find = (): string => originOf('a:b', [{ server: 'x', how: undefined }], [], ['x'])
  expect(find).toThrow('no server offers the resource "a:b"; there is: none; not connected and not asked: "x"')
})
