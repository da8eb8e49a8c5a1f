import { describe, expect, test } from 'bun:test'
import { catalogues, type Direction } from '../../packages/protocol/src/shapes/index.ts'
import { folder, type Official, readOfficial, resolve, resolveNamed, unlessMissing } from './official.ts'
import { shapeNamed } from './ours.ts'
import { revisions, samplesOf } from './revisions.ts'

type Table = Record<string, Direction>

/** The methods of one of the unions that say who sends what. */
function methodsOf(official: Official, union: string): string[] {
  if (!official.definitions[union]) return []
  const node = resolveNamed(official.definitions, union)
  return (node.anyOf ?? [node]).map((member) => String(resolve(official, member).properties?.method?.const))
}

function officialTable(official: Official, kind: 'Request' | 'Notification'): Table {
  const client = methodsOf(official, `Client${kind}`)
  const server = methodsOf(official, `Server${kind}`)
  const directionOf = (method: string): Direction =>
    client.includes(method) && server.includes(method) ? 'both' : client.includes(method) ? 'client' : 'server'
  return Object.fromEntries([...client, ...server].map((method) => [method, directionOf(method)]))
}

function directions(table: Readonly<Record<string, { direction: Direction }>>): Table {
  return Object.fromEntries(Object.entries(table).map(([method, { direction }]) => [method, direction]))
}

/** Definitions the catalogue stands for: messages with their envelope, and unions over them. */
const inCatalogue = /(Request|Notification|Response)$|^(Client|Server)Result$/

/** Definitions under another name of ours; the rest bear the same one. */
const renamed: Readonly<Record<string, string>> = {
  Error: 'ErrorObject',
  JSONObject: 'JsonObject',
  MetaObject: 'Meta',
  RequestMetaObject: 'RequestMeta',
  ResultMetaObject: 'ResultMeta',
  NotificationMetaObject: 'NotificationMeta',
  SubscriptionsListenResultMetaObject: 'SubscriptionsListenResultMeta',
  SubscribeRequestParams: 'ResourceRequestParams',
  UnsubscribeRequestParams: 'ResourceRequestParams',
  ResourceReference: 'ResourceTemplateReference',
  JSONRPCError: 'JsonRpcErrorResponse',
}

/** Definitions that are one member of a bigger thing, or any JSON value, and need no schema of their own. */
const parts = ['Annotated', 'Icons', 'JSONArray', 'JSONValue', 'ResultType']

describe.each([...revisions])('the catalogue of %s', (revision) => {
  const catalogue = catalogues[revision]

  test.skipIf(!folder)(`has exactly the official methods, with their senders${unlessMissing}`, async () => {
    const official = await readOfficial(revision)
    expect(directions(catalogue.requests)).toEqual(officialTable(official, 'Request'))
    expect(directions(catalogue.notifications)).toEqual(officialTable(official, 'Notification'))
    expect(Object.keys(catalogue.inputs).sort()).toEqual(methodsOf(official, 'InputRequest').sort())
  })

  test.skipIf(!folder)(`every official definition has a schema${unlessMissing}`, async () => {
    const { definitions } = await readOfficial(revision)
    const names = Object.keys(definitions).filter((name) => !inCatalogue.test(name) && !parts.includes(name))
    const nameOf = (name: string): string => renamed[name] ?? name.replace(/^JSONRPC/, 'JsonRpc')
    expect(names.filter((name) => !shapeNamed(nameOf(name)))).toEqual([])
  })

  test('every entry has a hand-written sample', () => {
    const seen = new Set(samplesOf[revision].map(({ place, name }) => `${place} ${name}`))
    const wanted = [
      ...Object.keys(catalogue.requests).flatMap((name) => [`params ${name}`, `result ${name}`]),
      ...Object.keys(catalogue.notifications).map((name) => `notice ${name}`),
      ...Object.keys(catalogue.inputs).flatMap((name) => [`input ${name}`, `answer ${name}`]),
      'client ClientCapabilities',
      'server ServerCapabilities',
    ]
    expect(wanted.filter((name) => !seen.has(name))).toEqual([])
  })
})

describe('a member named __proto__', () => {
  test('is the one unknown member that no parse keeps, so that it can poison nothing', () => {
    const value = JSON.parse('{"action":"accept","__proto__":{"admin":true},"x":1}')
    const parsed = shapeNamed('ElicitResult')?.parse(value)
    expect(Object.getOwnPropertyNames(parsed)).toEqual(['action', 'x'])
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
  })
})
