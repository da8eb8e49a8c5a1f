import { describe, expect, test } from 'bun:test'
import {
  AnsweredError,
  ConnectionError,
  type ConnectionErrorCode,
  type JsonObject,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock } from '@bao-mcp/protocol/testing'
import { createKnownTools } from './known-tools.ts'
import { failure } from './testing/failure.test.kit.ts'
import { type CallTool, createToolCalls } from './tool-calls.ts'

const DONE: JsonObject = { content: [] }

function failed(
  code: ConnectionErrorCode,
  evidence: ConstructorParameters<typeof ConnectionError>[2],
): ConnectionError {
  return new ConnectionError(code, `it was ${code}`, { method: 'tools/call', ...evidence })
}

/** Calls that fail with these errors in turn, and then succeed; time passes as fast as it is waited for. */
function calls(
  errors: Error[],
  annotations?: JsonObject,
): { call: CallTool; clock: FakeClock; sent: () => number; waits: number[]; options: unknown[] } {
  const clock = createFakeClock()
  const known = createKnownTools()
  const waits: number[] = []
  const options: unknown[] = []
  known.learn([{ name: 't', inputSchema: { type: 'object' }, ...(annotations !== undefined && { annotations }) }])
  const call = createToolCalls({
    async request(_method, _params, given) {
      options.push(given)
      const error = errors.shift()
      if (error !== undefined) throw error
      return { ...DONE }
    },
    done() {},
    known,
    clock: {
      now: clock.now,
      after(ms, fn) {
        waits.push(ms)
        const stop = clock.after(ms, fn)
        void clock.advance(ms)
        return stop
      },
    },
    random: () => 1,
    maxTotalTimeoutMs: 60_000,
  })
  return { call, clock, sent: () => options.length, waits, options }
}

describe('a call that was certainly not run', () => {
  test('is sent again after pauses that grow, whatever the tool', async () => {
    const errors = [failed('unreachable', { outcome: 'not_run' }), failed('open_limit', { outcome: 'not_run' })]
    const { call, sent, waits } = calls(errors)
    expect(await call('t', {}, undefined)).toMatchObject(DONE)
    expect([sent(), waits]).toEqual([3, [250, 500]])
  })

  test('fails with the last error when it was sent three times', async () => {
    const errors = [1, 2, 3].map((status) => failed('http_status', { outcome: 'not_run', status: 500 + status }))
    const { call, sent } = calls(errors)
    expect(await failure(call('t', {}, undefined))).toMatchObject({ status: 503, outcome: 'not_run' })
    expect(sent()).toBe(3)
  })

  test('is sent as often again as the caller says', async () => {
    const { call, sent } = calls([failed('unreachable', { outcome: 'not_run' })])
    await failure(call('t', {}, { maxRetries: 0 }))
    expect(sent()).toBe(1)
  })

  test('waits as long as the server says, unless that is too long', async () => {
    const patient = calls([failed('http_status', { outcome: 'not_run', status: 429, retryAfterMs: 7_000 })])
    await patient.call('t', {}, undefined)
    expect(patient.waits).toEqual([7_000])
    const hurried = calls([failed('http_status', { outcome: 'not_run', status: 429, retryAfterMs: 31_000 })])
    expect(await failure(hurried.call('t', {}, undefined))).toMatchObject({ retryAfterMs: 31_000 })
  })

  test('because the server is busy is sent again when the server says', async () => {
    const busy = (status?: number): Error =>
      new AnsweredError(SERVER_BUSY, 'busy', undefined, {
        retryAfterMs: 3_000,
        ...(status !== undefined && { status }),
      })
    const { call, sent, waits } = calls([busy(503)])
    expect(await call('t', {}, undefined)).toMatchObject(DONE)
    expect([sent(), waits]).toEqual([2, [3_000]])
    const last = busy(503)
    expect(await failure(calls([busy(503), busy(503), last]).call('t', {}, undefined))).toBe(last)
    // without the status it is not known to be that server's own word
    expect(await failure(calls([busy()]).call('t', {}, undefined))).toMatchObject({ code: SERVER_BUSY })
  })

  test.each([Number.NaN, -1, '2'])('is not sent at all with %p retries', async (retries) => {
    const { call, sent } = calls([])
    // proof: what comes of a variable that nobody checked
    const error = await failure(call('t', {}, { maxRetries: retries as number }))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain('maxRetries')
    expect(sent()).toBe(0)
  })

  test('has its retries inside its total time', async () => {
    const { call, options } = calls([failed('unreachable', { outcome: 'not_run' })])
    await call('t', {}, { maxTotalTimeoutMs: 1_000 })
    expect(options).toEqual([{ maxTotalTimeoutMs: 1_000 }, { maxTotalTimeoutMs: 750 }])
    const short = calls([failed('unreachable', { outcome: 'not_run' })])
    await failure(short.call('t', {}, { maxTotalTimeoutMs: 200 }))
    expect(short.sent()).toBe(1)
  })

  test('is not sent again where the answer would be the same', async () => {
    for (const status of [400, 401, 403, 404]) {
      const { call, sent } = calls([failed('http_status', { outcome: 'not_run', status })])
      await failure(call('t', {}, undefined))
      expect(sent()).toBe(1)
    }
  })

  test('is given up in a pause by its signal', async () => {
    const controller = new AbortController()
    const { call, sent } = calls([failed('unreachable', { outcome: 'not_run' })])
    const answer = failure(call('t', {}, { signal: controller.signal }))
    controller.abort('enough')
    expect(await answer).toBe('enough')
    expect(sent()).toBe(1)
  })
})

describe('a call that may have been run', () => {
  test.each([{ outcome: 'unknown' } as const, {}])(
    'is not sent again, and its error says so (%j)',
    async (evidence) => {
      const reason = { kind: 'failed', message: 'gone' } as const
      const error = failed('dropped', { ...evidence, reason, id: 7 })
      const { call, sent } = calls([error])
      const told = await failure(call('t', {}, undefined))
      expect(told).toMatchObject({
        name: 'ConnectionError',
        code: 'dropped',
        outcome: 'unknown',
        method: 'tools/call',
        id: 7,
        reason,
        cause: error,
      })
      expect(String(told)).toContain('outcome unknown: the tool may have run')
      expect(sent()).toBe(1)
    },
  )

  test.each([{ readOnlyHint: true }, { idempotentHint: true }])(
    'is sent again when the tool was listed with %j',
    async (annotations) => {
      const { call, sent } = calls([failed('dropped', { outcome: 'unknown' })], annotations)
      expect(await call('t', {}, undefined)).toMatchObject(DONE)
      expect(sent()).toBe(2)
      const other = calls([failed('dropped', {})], annotations)
      expect(await failure(other.call('another', {}, undefined))).toMatchObject({ outcome: 'unknown' })
    },
  )

  test.each<[ConnectionErrorCode, string]>([
    ['closed', 'unknown'],
    ['timeout', 'unknown'],
    ['total_timeout', 'unknown'],
  ])('is not sent again after %s', async (code, outcome) => {
    const { call, sent } = calls([failed(code, {})], { readOnlyHint: true })
    expect(await failure(call('t', {}, undefined))).toMatchObject({ code, outcome })
    expect(sent()).toBe(1)
  })
})

test.each<[string, Error]>([
  ['an answer that was too long', failed('too_large', {})],
  ['an answer that was none', failed('unanswerable', {})],
  ['arguments that are no JSON', failed('unserialisable', {})],
  ['what the server answered', new RpcError(-32602, 'no')],
  ['anything else', new TypeError('odd')],
])('%s is told as it is', async (_, error) => {
  const { call, sent } = calls([error], { readOnlyHint: true })
  expect(await failure(call('t', {}, undefined))).toBe(error)
  expect(sent()).toBe(1)
})
