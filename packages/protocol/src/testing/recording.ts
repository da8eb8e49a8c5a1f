import type { Channel } from '../jsonrpc/channel.ts'
import type { Clock } from '../jsonrpc/clock.ts'
import { createHiding } from './hiding.ts'
import { channelTap, type TappedLine } from './memory.ts'
import type { TestedSide } from './transcript-steps.ts'

/** UTF-16 units a recording may have. */
export const DEFAULT_MAX_RECORDING_LENGTH: number = 16 * 1024 * 1024

/** What a recording hides, how much it holds, and what it says of time. */
export interface RecordOptions {
  /** The end that is recorded: what is sent there goes to the other one. */
  end: TestedSide
  /** Names of members whose texts and numbers are hidden, besides the texts of those that sound secret and `requestState`. */
  hide?: readonly string[] | undefined
  /** Names of members whose values do not matter in a replay, such as times. */
  any?: readonly string[] | undefined
  /** Past so many UTF-16 units nothing more is recorded. Default 16 Mi. */
  maxLength?: number | undefined
  /** Puts the milliseconds since the start above every line, as a comment. */
  clock?: Clock | undefined
}

/** A channel that passes everything on and keeps a transcript of it, without secrets. */
export interface RecordedChannel extends Channel {
  /** True when there was no room for a line, after which nothing is kept. */
  readonly isFull: boolean
  /** What was said so far, for {@link playTranscript} in either role. */
  transcript(): string
}

/**
 * Records a conversation without its secrets: texts under names that sound secret, texts that hold what looks like a
 * secret, and wherever the same text stands again, JSON within texts included. The same value is hidden under the same name,
 * so that a replay can tell them apart. What else is secret has to be named in `hide`.
 */
export function recordChannel(channel: Channel, options: RecordOptions): RecordedChannel {
  const { end, any = [], clock, maxLength = DEFAULT_MAX_RECORDING_LENGTH } = options
  const hiding = createHiding(new Set(options.hide))
  const startedAt = clock?.now() ?? 0
  const head = `@recorded\n${any.length > 0 ? `@any ${any.join(' ')}\n` : ''}`
  const kept: { before: string; line: string }[] = []
  let length = 0
  let isFull = false

  function keep({ way, text }: TappedLine): void {
    if (isFull) return
    const isToServer = (way === 'sent') === (end === 'client')
    const line = hiding.hide(text)
    isFull = length + line.length > maxLength
    if (isFull) return
    length += line.length
    const time = clock === undefined ? '' : `# ${Math.round(clock.now() - startedAt)} ms\n`
    kept.push({ before: `${time}${isToServer ? '>' : '<'} `, line })
  }

  const tap = channelTap(channel, keep)
  return {
    open: tap.open,
    send: tap.send,
    unanswered: tap.unanswered,
    close: tap.close,
    [Symbol.asyncDispose]: tap.close,
    get isFull() {
      return isFull
    },
    // what turned out to be secret later may have passed before
    transcript: () => head + kept.map(({ before, line }) => `${before}${hiding.hideKnown(line)}\n`).join(''),
  }
}
