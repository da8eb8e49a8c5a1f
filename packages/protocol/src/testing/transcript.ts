import type { Channel } from '../jsonrpc/channel.ts'
import { type FakeClock, settle } from './fake-clock.ts'
import { createManualChannel } from './manual-channel.ts'
import { mismatch } from './pattern.ts'
import { parseTranscript, type Step } from './transcript-steps.ts'

const DEFAULT_PATIENCE_MS = 2000

export interface PlayOptions {
  /** Starts what is tested on its end of a channel. */
  serve: (channel: Channel) => void
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
 * Plays a transcript: sends its client lines, and compares what comes back with its server lines.
 *
 *     # a comment; blank lines are skipped, and an indented line continues the one above it
 *     > {"jsonrpc":"2.0","id":1,"method":"ping"}
 *     < {"jsonrpc":"2.0","id":1,"result":{}}
 *     > this need not be JSON
 *     < {"jsonrpc":"2.0","error":{"code":-32700,"message":*, ...}}
 *     <~ {"jsonrpc":"2.0","id":2, ...}
 *     <~ {"jsonrpc":"2.0","id":3, ...}
 *     @advance 500
 *     @eof
 *     @closed
 *
 * `*` stands for any value, `...` for any further members or elements. Neighbouring `<~` lines may come in any order.
 * Neighbouring client lines arrive in one tick. `@advance` lets milliseconds pass on the clock, `@eof` ends what the
 * client sends, `@close` breaks the channel, `@closed` waits until the server has closed it. A line that nobody expects
 * fails the transcript, at its end as well.
 * @throws {TranscriptError}
 * @throws {SyntaxError} when the text is no transcript
 */
export async function playTranscript(transcript: string, options: PlayOptions): Promise<void> {
  const steps = parseTranscript(transcript)
  const stage = createStage(options.patienceMs ?? DEFAULT_PATIENCE_MS)
  options.serve(stage.channel)
  try {
    for (const step of steps) await play(step, stage, options.clock)
    await settle()
    const extra = stage.rest()
    if (extra.length > 0)
      throw stage.failure(
        'the transcript is over',
        extra.map((text) => `  got      < ${text}`),
      )
  } finally {
    stage.end()
  }
}

async function play(step: Step, stage: Stage, clock: FakeClock | undefined): Promise<void> {
  switch (step.kind) {
    case 'client':
      return stage.say(step.text)
    case 'server':
      return expectLines(step, stage)
    case 'advance':
      if (clock === undefined) throw new SyntaxError(`line ${step.line}: @advance needs a clock`)
      return clock.advance(step.ms)
    case 'eof':
      return stage.endOfInput()
    case 'close':
      return stage.end()
    case 'closed':
      if (await stage.closedInTime()) return
      throw stage.failure(`line ${step.line}: the server did not close the channel`, [])
    default:
      step satisfies never
  }
}

async function expectLines({ line, expected }: Step & { kind: 'server' }, stage: Stage): Promise<void> {
  const open = [...expected]
  while (open.length > 0) {
    const text = await stage.hear()
    const wanted = open.map((one) => `  expected < ${one.text}`)
    if (text === undefined) throw stage.failure(`line ${line}: the server said nothing more`, wanted)
    const value: unknown = JSON.parse(text)
    const found = open.findIndex((one) => mismatch(one.pattern, value) === undefined)
    if (found === -1) {
      const why = open.length === 1 ? mismatch(open[0]?.pattern, value) : 'none of the expected lines fits'
      throw stage.failure(`line ${line}: ${why}`, [...wanted, `  got      < ${text}`])
    }
    open.splice(found, 1)
  }
}

/** The client's end of the channel, and what has been said on it. */
interface Stage {
  readonly channel: Channel
  say(text: string): void
  /** The next line of the server; undefined when patience is over. */
  hear(): Promise<string | undefined>
  /** What the server said and nobody has heard. */
  rest(): string[]
  endOfInput(): void
  end(): void
  closedInTime(): Promise<boolean>
  failure(what: string, details: readonly string[]): TranscriptError
}

function createStage(patienceMs: number): Stage {
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
    const came = await Promise.race([event.then(() => true), late.promise.then(() => false)])
    clearTimeout(timer)
    return came
  }

  return {
    channel,
    say(text) {
      said.push(`> ${text}`)
      channel.arriveText(text)
    },
    async hear() {
      if (unheard.length === 0) await inTime(spoken.promise)
      const text = unheard.shift()
      if (text !== undefined) said.push(`< ${text}`)
      return text
    },
    rest: () => unheard.splice(0),
    endOfInput: () => channel.readEnd({ kind: 'remote', message: 'the transcript has ended its input' }),
    end: () => channel.end({ kind: 'remote', message: 'the transcript has ended the channel' }),
    closedInTime: () => inTime(closed.promise),
    failure(what, details) {
      const before = said.length === 0 ? [] : ['after', ...said.map((line) => `  ${line}`)]
      return new TranscriptError([what, ...details, ...before].join('\n'))
    },
  }
}
