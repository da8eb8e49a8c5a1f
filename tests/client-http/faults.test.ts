import { describe, expect, test } from 'bun:test'
import {
  type CallToolOptions,
  type Client,
  ConnectionError,
  connect,
  createVerdicts,
  type Era,
  http,
  InvalidResultError,
  NegotiationError,
  RpcError,
} from '@bao-mcp/client'
import { systemClock } from '@bao-mcp/protocol/engine'
import { openRequests } from '../../packages/client/src/http/open-requests.ts'
import { type Make, openWorld, REPEATABLE, TOOLS, type World } from './fault-world.ts'

/** Says on failure how to see it again. */
const SEED = Number(process.env.CLIENT_HTTP_SEED ?? Date.now() % 1_000_000)
const CONVERSATIONS = 120
const AT_ONCE = 8
const CALLS = 9
/** Time runs this many times faster for the client. */
const PACE = 20
/** Milliseconds of the wall after which a call counts as one that never settles. */
const NEVER_MS = 10_000

const clock = {
  now: () => systemClock.now() * PACE,
  after: (ms: number, fn: () => void) => systemClock.after(ms / PACE, fn),
}

function isTyped(error: unknown): boolean {
  return [GivenUp, ConnectionError, RpcError, InvalidResultError, NegotiationError].some(
    (kind) => error instanceof kind,
  )
}

/** Why a call was given up. */
class GivenUp extends Error {}

/** Some calls are given up in the middle, some want no progress and so get their answer whole. */
function optionsOf(number: number): CallToolOptions {
  const giveUp = new AbortController()
  if (number % 5 === 4) systemClock.after(number, () => giveUp.abort(new GivenUp()))
  return { signal: giveUp.signal, ...(number % 2 === 0 && { onProgress: () => undefined }) }
}

interface Called {
  readonly id: string
  readonly number: number
}

function toolOf(number: number): (typeof TOOLS)[number] {
  return TOOLS[number % TOOLS.length] ?? 'plain'
}

/** Calls once, and says what is wrong with how it ended. */
async function judgeCall(client: Client, era: Era, { id, number }: Called, runs: World['runs']): Promise<string[]> {
  const wrong: string[] = []
  const name = toolOf(number)
  const ran = (): number => runs.get(id) ?? 0
  const settled = await settling(client.callTool(name, { id }, optionsOf(number)))
  switch (settled.kind) {
    case 'never':
      return [`${name} ${id} never settles`]
    case 'value': {
      // a client led astray into the older era meets a server that cannot ask there, and says so
      if (name === 'asking' && client.era !== era && settled.value.isError === true)
        return ran() === 0 ? [] : [`${id} ran`]
      const [block] = settled.value.content
      if (block?.type !== 'text' || block.text !== `ran ${id}`) wrong.push(`${name} ${id} got another's answer`)
      if (ran() === 0) wrong.push(`${name} ${id} was answered and never ran`)
      break
    }
    case 'error': {
      const { error } = settled
      if (!isTyped(error)) wrong.push(`${name} ${id} failed with ${error}`)
      const isSure = error instanceof ConnectionError && error.outcome === 'not_run'
      if (isSure && ran() > 0) wrong.push(`${name} ${id} ran, and is said not to have: ${error}`)
      break
    }
    default:
      settled satisfies never
  }
  if (!REPEATABLE.has(name) && ran() > 1) wrong.push(`${name} ${id} ran ${ran()} times`)
  if (ran() > 3) wrong.push(`${name} ${id} ran ${ran()} times, which is more than it may be tried`)
  return wrong
}

type Settled<T> = { kind: 'value'; value: T } | { kind: 'error'; error: unknown } | { kind: 'never' }

async function settling<T>(promise: Promise<T>): Promise<Settled<T>> {
  const never = Promise.withResolvers<Settled<T>>()
  const timer = setTimeout(() => never.resolve({ kind: 'never' }), NEVER_MS)
  try {
    const settled = promise.then(
      (value): Settled<T> => ({ kind: 'value', value }),
      (error: unknown): Settled<T> => ({ kind: 'error', error }),
    )
    return await Promise.race([settled, never.promise])
  } finally {
    clearTimeout(timer)
  }
}

interface Judged {
  wrong: string[]
  calls: number
}

async function judgeConversation(world: World, era: Era, number: number): Promise<Judged> {
  const url = `${world.proxy.origin}/${era}/${number}`
  const opened = await settling(
    connect(http(url, { clock, random: () => 0, maxMessageBytes: 50_000, streamIdleTimeoutMs: 3_000, maxResumes: 2 }), {
      // the others ask, and may be led astray
      ...(number % 4 !== 0 && { pin: era }),
      clock,
      random: () => 0,
      timeoutMs: 1_500,
      connectTimeoutMs: 4_000,
      on: { elicitation: ({ message: id }) => ({ action: 'accept', content: { id } }) },
      verdicts: createVerdicts(clock),
    }),
  )
  if (opened.kind === 'never') return { wrong: [`${url} never opens`], calls: 0 }
  if (opened.kind === 'error') {
    return { wrong: isTyped(opened.error) ? [] : [`${url} did not open: ${opened.error}`], calls: 0 }
  }
  const client = opened.value
  // which tools may be tried again is in the list
  await settling(client.listTools())
  const called = Array.from({ length: CALLS }, (_, n): Called => ({ id: `${era}-${number}-${n}`, number: n }))
  const judged = await Promise.all(called.map((one) => judgeCall(client, era, one, world.runs)))
  const closed = await settling(client.close())
  if (closed.kind !== 'value') judged.push([`${url} does not close: ${closed.kind}`])
  // what a refused call did after it was told
  for (const { id, number: n } of called) {
    if (!REPEATABLE.has(toolOf(n)) && (world.runs.get(id) ?? 0) > 1)
      judged.push([`${toolOf(n)} ${id} ran twice in the end`])
  }
  return { wrong: judged.flat(), calls: called.length }
}

const worlds: readonly (readonly [Make, Era])[] = [
  ['ours', 'legacy'],
  ['ours', 'modern'],
  // without sessions it cannot ask in the other era
  ['official', 'modern'],
]

describe.each(worlds)('over a way that loses, cuts, delays and garbles (%s, %s)', (make, era) => {
  test('every call settles with an answer or a typed error, and no plain tool runs twice', async () => {
    const rejections: unknown[] = []
    const onRejection = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', onRejection)
    await using world = await openWorld(SEED, make)
    const wrong: string[] = []
    let calls = 0
    let next = 0
    const work = async (): Promise<void> => {
      while (next < CONVERSATIONS) {
        const judged = await judgeConversation(world, era, next++)
        wrong.push(...judged.wrong)
        calls += judged.calls
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    process.off('unhandledRejection', onRejection)
    // sockets that were let go of report it a turn later
    for (let turn = 0; turn < 1_000 && openRequests() > 0; turn++) await Bun.sleep(1)
    expect({ seed: SEED, wrong, rejections, open: openRequests() }).toEqual({
      seed: SEED,
      wrong: [],
      rejections: [],
      open: 0,
    })
    // a plan in which nothing happens would prove nothing
    expect(calls).toBeGreaterThan(700)
    const kinds = new Set([...world.runs.keys()].map((id) => toolOf(Number(id.split('-')[2]))))
    expect(kinds.size).toBe(TOOLS.length)
    expect(world.proxy.struck.size).toBeGreaterThan(12)
  }, 60_000)
})
