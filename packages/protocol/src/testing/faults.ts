import type { Channel, Receiver, Way } from '../jsonrpc/channel.ts'
import { type Clock, systemClock } from '../jsonrpc/clock.ts'
import type { CloseReason } from '../jsonrpc/errors.ts'
import { isJsonObject } from '../jsonrpc/message.ts'
import { createNdjsonReader } from '../ndjson.ts'
import { createRandom } from './seed.ts'

/** What can happen to one message on its way. */
export type Fault =
  | { kind: 'drop' }
  /** Arrives this many milliseconds later; others overtake it. */
  | { kind: 'delay'; ms: number }
  | { kind: 'duplicate' }
  /** Arrives after the message behind it, or with the end of the channel. */
  | { kind: 'reorder' }
  /** Only this many characters of its text arrive, as a line of their own. */
  | { kind: 'truncate'; length: number }
  /** This text arrives in its place. */
  | { kind: 'garble'; text: string }
  /** This text stands before it on the same line. */
  | { kind: 'prefix'; text: string }
  /** Arrives with another id, of any type; undefined leaves it out. */
  | { kind: 'change_id'; id: unknown }
  /** Is lost, and the channel with it. */
  | { kind: 'close' }

/** Decides what happens to each message: `index` counts them from 0, `value` is the parsed message. */
export type FaultPlan = (index: number, value: unknown) => Fault | undefined

/** A channel on which faults strike. */
export interface FaultyChannel extends Channel {
  /** The faults so far, oldest first. */
  readonly struck: readonly { readonly index: number; readonly fault: Fault }[]
}

/** Faults at the messages named by their index. */
export function plannedFaults(faults: Readonly<Record<number, Fault>>): FaultPlan {
  return (index) => faults[index]
}

/** How often faults strike, and which. */
export interface SeededFaults {
  /** How often a fault strikes, from 0 to 1. Default 0.3. */
  rate?: number
  /** The kinds that may strike. Default: all but `close`. */
  kinds?: readonly Fault['kind'][]
  /** Longest delay in milliseconds. Default 1000. */
  maxDelayMs?: number
}

const MOST_KINDS: readonly Fault['kind'][] = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'truncate',
  'garble',
  'prefix',
  'change_id',
]

/** Faults by chance; the same seed strikes the same messages in the same way. */
export function seededFaults(seed: number, options: SeededFaults = {}): FaultPlan {
  const { rate = 0.3, kinds = MOST_KINDS, maxDelayMs = 1000 } = options
  const random = createRandom(seed)

  function fault(kind: Fault['kind'], value: unknown): Fault {
    switch (kind) {
      case 'delay':
        return { kind, ms: 1 + random.below(maxDelayMs) }
      case 'truncate':
        return { kind, length: random.below(JSON.stringify(value).length) }
      case 'garble':
        return { kind, text: random.pick(['', 'Listening on port 3000', '{"level":"error","error":"x"}', '[[[', '}{']) }
      case 'prefix':
        return { kind, text: random.pick(['debug: ', '{"a":1}', '\ufeff', '"']) }
      case 'change_id': {
        const id = isJsonObject(value) ? value.id : undefined
        return { kind, id: random.pick([String(id), Number(id) + 0.5, Number(id) + 1000, null, undefined]) }
      }
      case 'drop':
      case 'duplicate':
      case 'reorder':
      case 'close':
        return { kind }
      default:
        return kind satisfies never
    }
  }

  return (_index, value) => (random.chance(rate) ? fault(random.pick(kinds), value) : undefined)
}

/**
 * A channel whose incoming messages meet faults; wrap both ends of a pair for faults in both directions. What is cut or
 * garbled passes the real line reader, so that its reports are the ones a pipe would make.
 * @param clock what delays are measured on
 */
export function withFaults(channel: Channel, plan: FaultPlan, clock: Clock = systemClock): FaultyChannel {
  const struck: { index: number; fault: Fault }[] = []
  return {
    struck,
    open(receiver) {
      const way = faultyWay(receiver, clock)
      let count = 0
      channel.open({
        message(value, length, back) {
          const index = count++
          const fault = plan(index, value)
          if (fault === undefined) return way.pass({ value, length, back })
          struck.push({ index, fault })
          // what a fault has touched is not as long as it was
          way.strike({ value, back }, fault)
          if (fault.kind === 'close') void channel.close()
        },
        unreadable: (unreadable) => way.tell(() => receiver.unreadable(unreadable)),
        failed: (id, error) => way.tell(() => receiver.failed?.(id, error)),
        readEnd: (reason) => way.tell(() => receiver.readEnd?.(reason)),
        end: (reason) => way.end(reason),
      })
    },
    send: (message, way) => channel.send(message, way),
    unanswered: (way) => channel.unanswered?.(way),
    close: () => channel.close(),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}

/** A message on its way. */
interface Arrival {
  value: unknown
  length?: number | undefined
  /** The way back for its answer, where the channel has several. */
  back?: Way | undefined
}

/** What stands between a channel and its receiver. */
interface FaultyWay {
  pass(arrival: Arrival): void
  strike(arrival: Arrival, fault: Fault): void
  /** Runs unless the way has ended. */
  tell(report: () => void): void
  end(reason: CloseReason): void
}

function faultyWay(receiver: Receiver, clock: Clock): FaultyWay {
  const delays = new Set<() => void>()
  let held: Arrival[] = []
  let ended = false

  function tell(report: () => void): void {
    if (!ended) report()
  }

  function deliver({ value, length, back }: Arrival): void {
    tell(() => receiver.message(value, length, back))
  }

  function deliverText(text: string, back: Way | undefined): void {
    const reader = createNdjsonReader({
      message: (value, length) => deliver({ value, length, back }),
      unreadable: (unreadable) => tell(() => receiver.unreadable(unreadable)),
    })
    reader.push(new TextEncoder().encode(text))
    reader.end()
  }

  function release(): void {
    const late = held
    held = []
    for (const arrival of late) deliver(arrival)
  }

  function delay(arrival: Arrival, ms: number): void {
    const stop = clock.after(ms, () => {
      delays.delete(stop)
      deliver(arrival)
    })
    delays.add(stop)
  }

  function end(reason: CloseReason): void {
    if (ended) return
    release()
    ended = true
    for (const stop of delays) stop()
    receiver.end(reason)
  }

  function suffer(arrival: Arrival, fault: Exclude<Fault, { kind: 'reorder' }>): void {
    const { value, back } = arrival
    switch (fault.kind) {
      case 'drop':
        return
      case 'delay':
        return delay(arrival, fault.ms)
      case 'duplicate':
        deliver(arrival)
        return deliver(arrival)
      case 'truncate':
        return deliverText(JSON.stringify(value).slice(0, fault.length), back)
      case 'garble':
        return deliverText(fault.text, back)
      case 'prefix':
        return deliverText(fault.text + JSON.stringify(value), back)
      case 'change_id':
        return deliver({ value: withId(value, fault.id), back })
      case 'close':
        return end({ kind: 'failed', message: 'a fault closed the channel' })
      default:
        fault satisfies never
    }
  }

  return {
    tell,
    end,
    pass(arrival) {
      deliver(arrival)
      release()
    },
    strike(arrival, fault) {
      if (fault.kind === 'reorder') return void held.push(arrival)
      suffer(arrival, fault)
      release()
    },
  }
}

function withId(value: unknown, id: unknown): unknown {
  if (!isJsonObject(value)) return value
  const { id: _old, ...rest } = value
  return id === undefined ? rest : { ...rest, id }
}
