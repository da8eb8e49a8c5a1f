import { describe, expect, test } from 'bun:test'
import { complete } from '@bao-mcp/protocol/engine'
import { statelessRevisions } from '@bao-mcp/protocol/revisions'
import { recordingLog } from '../test/kit.ts'
import { createExtensions, type Extension, type ExtensionTopic } from './extension.ts'
import { createServer } from './server.ts'
import { createServing } from './serving.ts'

interface Parts {
  id?: string
  methods?: readonly string[]
  topics?: readonly string[]
  more?: Partial<Extension>
}

function extension({ id = 'com.example/one', methods = [], topics = [], more = {} }: Parts = {}): Extension {
  const topic = (member: string): ExtensionTopic => ({ member, follow: () => undefined })
  return {
    id,
    settings: {},
    methods: new Map(methods.map((name) => [name, { answer: () => complete({}) }])),
    topics: topics.map(topic),
    ...more,
  }
}

describe('an extension cannot take', () => {
  test.each(['tools/call', 'server/discover', 'initialize', 'ping'])('%s, which the protocol has itself', (name) => {
    expect(() => createExtensions([extension({ methods: [name] })])).toThrow(
      new RegExp(`^extension "com.example/one": ${name} is a method of 20\\d\\d-\\d\\d-\\d\\d itself$`),
    )
  })

  test.each(['toolsListChanged', 'promptsListChanged', 'resourcesListChanged', 'resourceSubscriptions'])(
    'the topic %s, which the protocol has itself',
    (member) => {
      expect(() => createExtensions([extension({ topics: [member] })])).toThrow(
        `${member} is a topic of both the protocol and com.example/one`,
      )
    },
  )

  test('what another has, nor one topic twice', () => {
    const other = { id: 'com.example/two' }
    const methods = ['a/b']
    const topics = ['things']
    expect(() => createExtensions([extension({ methods }), extension({ ...other, methods })])).toThrow(
      'a/b is a method of both com.example/one and com.example/two',
    )
    expect(() => createExtensions([extension({ topics }), extension({ ...other, topics })])).toThrow(
      'things is a topic of both com.example/one and com.example/two',
    )
    expect(() => createExtensions([extension({ topics: ['things', 'things'] })])).toThrow('things is a topic of both')
  })
})

test('a method of a revision in which an extension is not served is free', () => {
  const servedIn: Extension['servedIn'] = (revision) => statelessRevisions.includes(revision)
  expect(() => createExtensions([extension({ methods: ['initialize'], more: { servedIn } })])).not.toThrow()
})

test('an extension that cannot be drained is named in the log, and the others are drained', async () => {
  const asked: number[] = []
  const failing: Extension['drain'] = () => {
    throw new Error('boom')
  }
  const extensions = [
    extension({ more: { drain: failing } }),
    extension({ id: 'com.example/two', more: { drain: async (_serving, graceMs) => void asked.push(graceMs) } }),
  ]
  const server = createServer({ name: 's', version: '1', extensions })
  const log = recordingLog()
  await server.extensions.drain(createServing(server, { log }), 7)
  expect(asked).toEqual([7])
  expect(log.lines).toMatchObject([
    { level: 'error', message: 'the extension com.example/one could not be drained', cause: { message: 'boom' } },
  ])
})
