import { expect, test } from 'bun:test'
import { ConnectionError, type JsonObject, type Peer } from '@bao-mcp/protocol/engine'
import { statelessRevisions } from '@bao-mcp/protocol/revisions'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { createInputs } from '../input-handlers.ts'
import type { ClientSide } from '../session.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { modernSession } from './modern.ts'
import type { Pipe } from './pipe.ts'

const [revision] = statelessRevisions

/** A pipe on which these answers come, one after the other. */
function pipeOf(answers: (JsonObject | Error)[]): Pipe {
  const peer: Peer = {
    closed: new Promise(() => {}),
    inFlight: 0,
    idle: async () => {},
    refuse() {},
    failInFlight() {},
    async request() {
      const next = answers.shift()
      if (next === undefined || next instanceof Error) throw next
      return next
    },
    async notify() {},
    async [Symbol.asyncDispose]() {},
  }
  return { peer, give() {} }
}

test('a later round that was not run does not make its call one that was not run', async () => {
  if (revision === undefined) throw new Error('no stateless revision is spoken')
  const side: ClientSide = {
    info: { name: 'tester', version: '1' },
    inputs: createInputs({ roots: [] }),
    logLevel: undefined,
    maxInputRounds: 10,
    extensions: undefined,
    maxTotalTimeoutMs: 60_000,
    clock: createFakeClock(),
    random: () => 0,
    hear() {},
    missed() {},
    stray() {},
  }
  const lost = new ConnectionError('unreachable', 'nobody there', { outcome: 'not_run', method: 'tools/call' })
  const asks = { resultType: 'input_required', inputRequests: { q: { method: 'roots/list' } } }
  const greeting = { revision, capabilities: {}, serverInfo: undefined, instructions: undefined }

  const later = modernSession(pipeOf([asks, lost]), side, greeting)
  expect(await failure(later.request('tools/call', { name: 't' }))).toMatchObject({
    code: 'unreachable',
    outcome: 'unknown',
    method: 'tools/call',
    cause: lost,
  })
  const first = modernSession(pipeOf([lost]), side, greeting)
  expect(await failure(first.request('tools/call', { name: 't' }))).toBe(lost)
})
