import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { mcpConventions } from '../conventions.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { type Fault, type SeededFaults, seededFaults, withFaults } from '../testing/faults.ts'
import { type ChannelTap, channelTap, memoryChannelPair } from '../testing/memory.ts'
import type { Responder } from './caller.ts'
import { ConnectionError, RpcError } from './errors.ts'
import { isJsonObject, type JsonObject } from './message.ts'
import { createPeer } from './peer.ts'

/** What the caller does, and what the other side makes of it. */
type Command =
  | { kind: 'call'; answer: 'now' | 'later' | 'never' | 'fail'; abortAfterMs: number | undefined }
  | { kind: 'advance'; ms: number }

const TIMEOUT_MS = 200
const TOTAL_MS = 600

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      answer: fc.constantFrom('now', 'later', 'never', 'fail'),
      abortAfterMs: fc.option(fc.nat(300), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(150) }) },
)

interface Settled {
  times: number
  value?: unknown
  reason?: unknown
}

interface Run {
  calls: Settled[]
  reasons: unknown[]
  tap: ChannelTap
  /** Ids for which the answering side saw its signal abort. */
  aborted: Set<unknown>
  errors: number
}

function responderOf(clock: FakeClock, aborted: Set<unknown>): Responder {
  return {
    request({ id, params }, exchange) {
      const { answer, call } = params ?? {}
      if (answer === 'now') return { call }
      if (answer === 'fail') throw new RpcError(7, 'failed', { call })
      return new Promise<JsonObject>((resolve) => {
        exchange.signal.addEventListener('abort', () => aborted.add(id), { once: true })
        clock.after(40, () => void exchange.notify('notifications/progress', { progressToken: id, progress: 1 }))
        if (answer === 'later') clock.after(80, () => resolve({ call }))
      })
    },
    notice() {},
  }
}

async function run(commands: readonly Command[], seed: number, faults: SeededFaults): Promise<Run> {
  const clock = createFakeClock()
  const aborted = new Set<unknown>()
  const [near, far] = memoryChannelPair()
  const tap = channelTap(withFaults(near, seededFaults(seed, faults), clock))
  const common = { conventions: mcpConventions, clock, timeoutMs: TIMEOUT_MS, maxTotalTimeoutMs: TOTAL_MS }
  let errors = 0
  const onInternalError = (): void => void errors++
  const caller = createPeer(tap, responderOf(clock, new Set()), { ...common, onInternalError })
  const faultyFar = withFaults(far, seededFaults(seed + 1, faults), clock)
  createPeer(faultyFar, responderOf(clock, aborted), { ...common, onInternalError, answersRubbish: true })

  const calls: Settled[] = []
  const reasons: unknown[] = []
  for (const one of commands) {
    if (one.kind === 'advance') {
      await clock.advance(one.ms)
      continue
    }
    const settled: Settled = { times: 0 }
    const call = calls.push(settled) - 1
    const controller = new AbortController()
    reasons.push(new Error(`call ${call} was aborted`))
    if (one.abortAfterMs !== undefined) clock.after(one.abortAfterMs, () => controller.abort(reasons[call]))
    caller.request('tools/call', { answer: one.answer, call }, { signal: controller.signal }).then(
      (value) => Object.assign(settled, { times: settled.times + 1, value }),
      (reason: unknown) => Object.assign(settled, { times: settled.times + 1, reason }),
    )
  }
  await clock.advance(TOTAL_MS + TIMEOUT_MS)
  return { calls, reasons, tap, aborted, errors }
}

/** The calls and cancels that were sent, by the index among the calls. */
function sentBy({ lines }: ChannelTap): { ids: unknown[]; cancelled: unknown[] } {
  const sent = lines.filter(({ way }) => way === 'sent').map(({ text }) => JSON.parse(text) as JsonObject)
  const ids = sent.flatMap(({ method, id }) => (method === 'tools/call' ? [id] : []))
  const cancelled = sent.flatMap(({ method, params }) =>
    method === 'notifications/cancelled' && isJsonObject(params) ? [params.requestId] : [],
  )
  return { ids, cancelled }
}

function checkRun({ calls, reasons, tap, errors }: Run): void {
  const { ids, cancelled } = sentBy(tap)
  expect(new Set(ids).size).toBe(calls.length)
  expect(new Set(cancelled).size).toBe(cancelled.length)
  for (const [call, { times, value, reason }] of calls.entries()) {
    expect(times).toBe(1)
    const id = ids[call]
    const wasGivenUp =
      reason === reasons[call] || (reason instanceof ConnectionError && reason.code.endsWith('timeout'))
    expect(cancelled.includes(id)).toBe(wasGivenUp)
    if (value !== undefined) expect(value).toEqual({ call })
    else if (reason instanceof RpcError && reason.code === 7) expect(reason.data).toEqual({ call })
    else
      expect(reason).toSatisfy(
        (one) => one === reasons[call] || one instanceof ConnectionError || one instanceof RpcError,
      )
  }
  expect(errors).toBe(0)
}

const script = fc.array(command, { minLength: 1, maxLength: 10 })

test('over a sound channel each call ends exactly as its answer or its end says', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.integer(), async (commands, seed) => {
      const outcome = await run(commands, seed, { rate: 0 })
      checkRun(outcome)
      const made = commands.filter((one) => one.kind === 'call')
      for (const [call, { answer, abortAfterMs = Number.POSITIVE_INFINITY }] of made.entries()) {
        const { value, reason } = outcome.calls[call] ?? {}
        // an abort in the very millisecond in which the answer comes may win or lose
        if (answer === 'now' || (answer === 'later' && abortAfterMs > 80)) expect(value).toEqual({ call })
        if (answer === 'fail') expect(reason).toMatchObject({ code: 7 })
        if (answer === 'never') {
          const ends = abortAfterMs < 240 ? outcome.reasons[call] : expect.objectContaining({ code: 'timeout' })
          if (abortAfterMs !== 240) expect(reason).toEqual(ends)
          expect(outcome.aborted.size).toBeGreaterThan(0)
        }
      }
    }),
    { numRuns: 1000 },
  )
}, 60_000)

/** Faults that change no id and invent no text, so that no answer can be mistaken for another's. */
const HONEST: readonly Fault['kind'][] = ['drop', 'delay', 'duplicate', 'reorder', 'truncate', 'garble', 'prefix']

test('whatever the channel does, each call ends exactly once and with no answer but its own', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.integer(), async (commands, seed) => {
      checkRun(await run(commands, seed, { rate: 0.4, kinds: HONEST, maxDelayMs: 300 }))
    }),
    { numRuns: 1000 },
  )
}, 60_000)

test('nor do changed ids, lost channels and all the rest leave a call without an end', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.integer(), async (commands, seed) => {
      const faults: SeededFaults = { rate: 0.3, kinds: [...HONEST, 'change_id', 'close'], maxDelayMs: 300 }
      const { calls, tap } = await run(commands, seed, faults)
      for (const { times } of calls) expect(times).toBe(1)
      const { ids } = sentBy(tap)
      expect(new Set(ids).size).toBe(ids.length)
    }),
    { numRuns: 1000 },
  )
}, 60_000)
