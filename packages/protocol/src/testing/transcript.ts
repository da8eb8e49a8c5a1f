import type { Channel } from '../jsonrpc/channel.ts'
import { type Bindings, createBindings } from './bindings.ts'
import { type FakeClock, settle } from './fake-clock.ts'
import { createManualChannel } from './manual-channel.ts'
import { parseTranscript, type Step, type TestedSide } from './transcript-steps.ts'

const DEFAULT_PATIENCE_MS = 2000
/** Lines before a failure that are shown with it. */
const SHOWN_LINES = 20

/** What is tested, and the time it lives in. */
export type PlayOptions = (
  | {
      /** Starts a server on its end of a channel: the transcript plays its client. */
      serve: (channel: Channel) => void
    }
  | {
      /** Starts a client on its end of a channel, and what it does there: the transcript plays its server. */
      connect: (channel: Channel) => Promise<unknown>
    }
) & {
  /** The clock of what is tested, for `@advance`. */
  clock?: FakeClock
  /** Real milliseconds to wait for an expected line before the transcript has failed. Default 2000. */
  patienceMs?: number
}

/** What was tested did not keep to the transcript; the message shows where, and what was said before. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError'
}

/**
 * Plays one side of a transcript: says its lines, and compares what comes back with the lines of the other one. `>` is
 * what a client says, `<` what a server does.
 *
 *     # a comment; blank lines are skipped, and an indented line continues the one above it
 *     > {"jsonrpc":"2.0","id":1,"method":"ping"}
 *     < {"jsonrpc":"2.0","id":1,"result":{}}
 *     > this need not be JSON
 *     < {"jsonrpc":"2.0","error":{"code":-32700,"message":*, ...}}
 *     <~ {"jsonrpc":"2.0","id":2, ...}
 *     <~ {"jsonrpc":"2.0","id":3, ...}
 *
 * In an expected line `*` stands for any value, and `...` for any further members or elements. Expected neighbours that
 * begin with `<~`, or `>~`, may come in any order; each line that comes takes the first one it fits. Neighbouring lines that are said arrive in one tick. A line that nobody
 * expects fails the transcript, at its end as well. Words of their own lines:
 *
 * - `advance 500` lets milliseconds pass on the clock
 * - `eof` ends what the played side sends, `close` breaks the channel, `closed` waits until the tested side has closed it
 * - `recorded`: ids that the tested side chose, and values that {@link recordChannel} hid, stand for what comes instead
 * - `any name other`: the values of these members do not matter
 *
 * Each of these words begins with an at sign.
 * @throws {TranscriptError}
 * @throws {SyntaxError} when the text is no transcript
 * @throws what a tested client throws
 */
export async function playTranscript(transcript: string, options: PlayOptions): Promise<void> {
  const tested = 'serve' in options ? 'server' : 'client'
  const { steps, isRecorded, any } = parseTranscript(transcript, tested)
  const bindings = createBindings(isRecorded, any)
  const stage = createStage(tested, options.patienceMs ?? DEFAULT_PATIENCE_MS)
  const work = start(options, stage)
  try {
    for (const step of steps) await Promise.race([play(step, stage, bindings, options.clock), work.failed])
    if (!(await stage.inTime(Promise.race([work.done, work.failed])))) {
      throw stage.failure('the transcript is over, and the client is not done', [])
    }
    await settle()
    const extra = stage.rest()
    if (extra.length > 0) {
      throw stage.failure(
        'the transcript is over',
        extra.map((text) => `  got      ${stage.arrow} ${text}`),
      )
    }
  } finally {
    stage.end()
  }
}

/** What is tested, at work: `failed` never resolves, and rejects when a client gave up. */
function start(options: PlayOptions, stage: Stage): { done: Promise<void>; failed: Promise<never> } {
  const failed = Promise.withResolvers<never>()
  // somebody waits for it only while the transcript is played
  failed.promise.catch(() => undefined)
  if ('serve' in options) {
    options.serve(stage.channel)
    return { done: Promise.resolve(), failed: failed.promise }
  }
  const done = Promise.withResolvers<void>()
  options.connect(stage.channel).then(() => done.resolve(), failed.reject)
  return { done: done.promise, failed: failed.promise }
}

async function play(step: Step, stage: Stage, bindings: Bindings, clock: FakeClock | undefined): Promise<void> {
  switch (step.kind) {
    case 'say':
      return stage.say(bindings.fill(step.text))
    case 'expect':
      return expectLines(step, stage, bindings)
    case 'advance':
      if (clock === undefined) throw new SyntaxError(`line ${step.line}: @advance needs a clock`)
      return clock.advance(step.ms)
    case 'eof':
      return stage.endOfInput()
    case 'close':
      return stage.end()
    case 'closed':
      if (await stage.inTime(stage.closed)) return
      throw stage.failure(`line ${step.line}: the ${stage.tested} did not close the channel`, [])
    default:
      step satisfies never
  }
}

async function expectLines(
  { line, expected }: Step & { kind: 'expect' },
  stage: Stage,
  bindings: Bindings,
): Promise<void> {
  const open = [...expected]
  while (open.length > 0) {
    const text = await stage.hear()
    const wanted = open.map((one) => `  expected ${stage.arrow} ${one.text}`)
    if (text === undefined) throw stage.failure(`line ${line}: the ${stage.tested} said nothing more`, wanted)
    const value: unknown = JSON.parse(text)
    const differences: (string | undefined)[] = []
    // the first that fits is bound, so the others must not be tried any more
    const found = open.findIndex((one) => {
      const difference = bindings.fit(one.pattern, value)
      differences.push(difference)
      return difference === undefined
    })
    if (found === -1) {
      const why = open.length === 1 ? differences[0] : 'none of the expected lines fits'
      throw stage.failure(`line ${line}: ${why}`, [...wanted, `  got      ${stage.arrow} ${text}`])
    }
    open.splice(found, 1)
  }
}

/** The played side's end of the channel, and what has been said on it. */
interface Stage {
  readonly tested: TestedSide
  /** What the lines of the tested side begin with. */
  readonly arrow: '<' | '>'
  readonly channel: Channel
  /** Resolves when the tested side has closed the channel. */
  readonly closed: Promise<void>
  say(text: string): void
  /** The next line of the tested side; undefined when patience is over. */
  hear(): Promise<string | undefined>
  /** What the tested side said and nobody has heard. */
  rest(): string[]
  endOfInput(): void
  end(): void
  /** Whether it resolves before patience is over. @throws what it rejects with */
  inTime(event: Promise<void>): Promise<boolean>
  failure(what: string, details: readonly string[]): TranscriptError
}

function createStage(tested: TestedSide, patienceMs: number): Stage {
  const [arrow, theirs] = tested === 'server' ? (['<', '>'] as const) : (['>', '<'] as const)
  const said: string[] = []
  const unheard: string[] = []
  const closed = Promise.withResolvers<void>()
  let spoken = Promise.withResolvers<void>()
  const channel = createManualChannel({
    onSend(text) {
      unheard.push(text)
      spoken.resolve()
      spoken = Promise.withResolvers()
    },
    onClose: closed.resolve,
  })

  async function inTime(event: Promise<void>): Promise<boolean> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, patienceMs)
    try {
      return await Promise.race([event.then(() => true), late.promise.then(() => false)])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    tested,
    arrow,
    channel,
    closed: closed.promise,
    say(text) {
      said.push(`${theirs} ${text}`)
      channel.arriveText(text)
    },
    async hear() {
      if (unheard.length === 0) await inTime(spoken.promise)
      const text = unheard.shift()
      if (text !== undefined) said.push(`${arrow} ${text}`)
      return text
    },
    rest: () => unheard.splice(0),
    endOfInput: () => channel.readEnd({ kind: 'remote', message: 'the transcript has ended its input' }),
    end: () => channel.end({ kind: 'remote', message: 'the transcript has ended the channel' }),
    inTime,
    failure(what, details) {
      const last = said.slice(-SHOWN_LINES)
      const before =
        last.length === 0 ? [] : [said.length > last.length ? 'after ...' : 'after', ...last.map((line) => `  ${line}`)]
      return new TranscriptError([what, ...details, ...before].join('\n'))
    },
  }
}
