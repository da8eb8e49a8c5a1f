import { createDelivery, later } from './delivery.ts'
import { HubError } from './error.ts'
import { type AppendOptions, DEFAULT_MAX_LOG_ENTRIES, type Follower } from './port.ts'
import { momentOf, mustBePosition, positionOf } from './position.ts'
import type { RedisCommands } from './redis-commands.ts'
import { APPEND, DROP } from './redis-scripts.ts'
import type { RedisSubscriber } from './redis-subscriber.ts'

/** Logs as streams; whoever follows hears of each entry through the channel that is named like the stream. */
export interface RedisLogs {
  append(key: string, text: string, options: AppendOptions): Promise<string>
  has(key: string, position: string): Promise<boolean>
  follow(key: string, after: string | undefined, follower: Follower): Promise<() => void>
  drop(key: string): Promise<void>
}

interface Entry {
  position: string
  text: string
}

/** Entries fetched at once. */
const BATCH = 500
const FOLLOW = 'follow a log'

export function redisLogs(commands: RedisCommands, subscriber: RedisSubscriber): RedisLogs {
  async function isKept(what: string, key: string, position: string): Promise<boolean> {
    const id = idOf(position)
    return id !== undefined && entriesOf(await commands.run(what, 'XRANGE', key, id, id)).length > 0
  }

  async function latest(key: string): Promise<string> {
    const [entry] = entriesOf(await commands.run(FOLLOW, 'XREVRANGE', key, '+', '-', 'COUNT', '1'))
    return entry?.position ?? ''
  }

  return {
    async append(key, text, { ttlMs, maxEntries = DEFAULT_MAX_LOG_ENTRIES }) {
      const most = String(Math.max(1, Math.floor(maxEntries)))
      return fromId(await commands.run('append to a log', 'EVAL', APPEND, '1', key, text, milliseconds(ttlMs), most))
    },
    has: (key, position) => isKept('look into a log', key, position),
    async follow(key, after, { entry, lost }) {
      if (after !== undefined) mustBePosition(after)
      const delivery = createDelivery<Entry>(({ position, text }) => entry(position, text))
      let last = after ?? ''
      /** What came while older entries are being fetched. */
      let early: Entry[] | undefined = []
      /** Which of several that fetch at once is the one to end that. */
      let latestRound = 0
      let begun = false
      let stop: (() => void) | undefined

      function leave(): void {
        delivery.stop()
        stop?.()
      }

      function deliver(next: Entry): void {
        if (next.position <= last) return
        last = next.position
        delivery.push(next)
      }

      async function catchUp(): Promise<void> {
        const round = ++latestRound
        for (;;) {
          const start = last === '' ? '-' : `(${idOf(last)}`
          const found = entriesOf(await commands.run(FOLLOW, 'XRANGE', key, start, '+', 'COUNT', String(BATCH)))
          for (const one of found) deliver(one)
          if (found.length < BATCH) break
        }
        if (round !== latestRound) return
        for (const one of early ?? []) deliver(one)
        early = undefined
      }

      stop = await subscriber.subscribe(FOLLOW, key, {
        heard(message) {
          const next = read(message)
          if (early === undefined) deliver(next)
          else early.push(next)
        },
        interrupted() {
          latestRound++
          early ??= []
        },
        async healed() {
          // where it begins is not known yet, so nothing can be made up for: it begins anew or not at all
          if (!begun) return
          if (last !== '' && !(await isKept(FOLLOW, key, last))) {
            leave()
            later(() => lost(new HubError(FOLLOW, 'entries may be gone that redis no longer keeps')))
            return
          }
          await catchUp()
        },
        lost(error) {
          delivery.stop()
          lost(error)
        },
      })
      try {
        if (after === undefined) last = await latest(key)
        await catchUp()
        if (early !== undefined) throw new HubError(FOLLOW, 'the connection to redis was lost')
        begun = true
      } catch (error) {
        leave()
        throw error
      }
      return leave
    },
    async drop(key) {
      await commands.run('drop a log', 'EVAL', DROP, '1', key)
    },
  }
}

/** Whole and at least one, as Redis wants them. */
export function milliseconds(ttlMs: number): string {
  return String(Math.max(1, Math.ceil(ttlMs)))
}

function fromId(id: unknown): string {
  const [ms = '', count = ''] = String(id).split('-')
  return positionOf({ ms: Number(ms), count: Number(count) })
}

function idOf(position: string): string | undefined {
  const moment = momentOf(position)
  return moment === undefined ? undefined : `${moment.ms}-${moment.count}`
}

/** What the script published: the id, a space, the text. */
function read(message: string): Entry {
  const space = message.indexOf(' ')
  return { position: fromId(message.slice(0, space)), text: message.slice(space + 1) }
}

/** Each is `[id, [field, text]]`. */
function entriesOf(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((each: unknown) => {
    if (!Array.isArray(each) || !Array.isArray(each[1])) return []
    return [{ position: fromId(each[0]), text: String(each[1][1]) }]
  })
}
