import type { Channel } from '../jsonrpc/channel.ts'
import type { Clock } from '../jsonrpc/clock.ts'
import { isJsonObject } from '../jsonrpc/message.ts'
import { maskText, SECRET_NAME } from '../secrets.ts'
import { hidden } from './bindings.ts'
import { channelTap, type TappedLine } from './memory.ts'
import type { TestedSide } from './transcript-steps.ts'

/** UTF-16 units a recording may have. */
export const DEFAULT_MAX_RECORDING_LENGTH: number = 16 * 1024 * 1024

/** What a recording hides, how much it holds, and what it says of time. */
export interface RecordOptions {
  /** The end that is recorded: what is sent there goes to the other one. */
  end: TestedSide
  /** Names of members whose values are hidden, besides those that sound like secrets and `requestState`. */
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
 * Records a conversation. Values under names that sound like secrets, and texts that hold what looks like one, are hidden
 * before anything is kept; the same value is hidden under the same name, so that a replay can tell them apart. What else
 * is secret has to be named in `hide`.
 */
export function recordChannel(channel: Channel, options: RecordOptions): RecordedChannel {
  const { end, any = [], clock, maxLength = DEFAULT_MAX_RECORDING_LENGTH } = options
  const hide = createHiding(new Set(options.hide))
  const startedAt = clock?.now() ?? 0
  const kept: string[] = ['@recorded\n', ...(any.length > 0 ? [`@any ${any.join(' ')}\n`] : [])]
  let length = 0
  let isFull = false

  function keep({ way, text }: TappedLine): void {
    if (isFull) return
    const isToServer = (way === 'sent') === (end === 'client')
    const time = clock === undefined ? '' : `# ${Math.round(clock.now() - startedAt)} ms\n`
    const line = `${time}${isToServer ? '>' : '<'} ${hide(text)}\n`
    isFull = length + line.length > maxLength
    if (isFull) return
    length += line.length
    kept.push(line)
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
    transcript: () => kept.join(''),
  }
}

/** Hides what is secret in lines of JSON; in a line that is none, what looks like it. */
function createHiding(names: ReadonlySet<string>): (text: string) => string {
  const placeholders = new Map<unknown, string>()

  function placeholder(value: unknown): string {
    const known = placeholders.get(value) ?? hidden(placeholders.size + 1)
    placeholders.set(value, known)
    return known
  }

  function isSecret(name: string): boolean {
    if (names.has(name) || name === 'requestState') return true
    return SECRET_NAME.test(name) && name !== 'progressToken'
  }

  /** Every text and number below a secret name is one. */
  function cleaned(value: unknown, isInside: boolean): unknown {
    if (typeof value === 'string') return isInside || maskText(value) !== value ? placeholder(value) : value
    if (typeof value === 'number') return isInside ? placeholder(value) : value
    if (Array.isArray(value)) return value.map((one) => cleaned(one, isInside))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one, isInside || isSecret(key))]))
  }

  return (text) => {
    try {
      return JSON.stringify(cleaned(JSON.parse(text), false))
    } catch {
      // what a server printed by mistake is a part of the conversation too
      return maskText(text).replaceAll('\n', ' ')
    }
  }
}
