import { type Clock, createDeadlines, type Deadline } from '@bao-mcp/protocol/engine'
import type { RedisLink } from '../runtime/port.ts'
import { HubError } from './error.ts'
import type { RedisConnection } from './redis-connection.ts'

/** Runs commands within their time, on a connection that may have to be opened first. */
export interface RedisCommands {
  /**
   * @param what it is for, in words that fit "the hub could not …", without any name that may be a secret
   * @throws {HubError} when there is no link, or it is lost, or Redis does not answer in time or refuses
   */
  run(what: string, command: string, ...args: string[]): Promise<unknown>
  /** Likewise anything else that is done with a link, to its end. */
  use<T>(what: string, work: (link: RedisLink) => Promise<T>): Promise<T>
  /** Waits for something else, as long as for a command. */
  within<T>(what: string, waited: Promise<T>): Promise<T>
  close(): void
}

/** @param timeoutMs milliseconds from the call to the answer, whatever happens between */
export function createRedisCommands(connection: RedisConnection, clock: Clock, timeoutMs: number): RedisCommands {
  const deadlines = createDeadlines(clock)
  const limit = `within ${timeoutMs} ms (commandTimeoutMs)`
  const tooLong = `redis could not be reached ${limit}`
  let closed = false

  /** Tries until there is a link, unless `failed` says that nobody waits for it any more. */
  async function linkUnless(failed: (error: unknown) => boolean): Promise<RedisLink> {
    for (;;) {
      try {
        return await connection.open()
      } catch (error) {
        if (failed(error) || closed) throw error
      }
    }
  }

  function use<T>(what: string, work: (link: RedisLink) => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new HubError(what, 'it is closed'))
    return new Promise((resolve, reject) => {
      let used: RedisLink | undefined
      let failure: unknown
      const deadline: Deadline = {
        dueAt: clock.now() + timeoutMs,
        heapIndex: -1,
        expire() {
          reject(new HubError(what, used === undefined ? tooLong : `redis did not answer ${limit}`, failure))
          // answers come in order, so whatever waits behind this one waits in vain as well
          if (used !== undefined) connection.drop(used)
        },
      }
      deadlines.add(deadline)

      function settle(settled: () => void): void {
        if (deadline.heapIndex >= 0) deadlines.remove(deadline)
        settled()
      }
      function fail(error: unknown): void {
        failure = error
        settle(() => reject(error instanceof HubError ? error : new HubError(what, reasonOf(error, closed), error)))
      }
      function start(link: RedisLink): void {
        // it took longer than anybody waited
        if (deadline.heapIndex < 0) return
        used = link
        try {
          work(link).then((value) => settle(() => resolve(value)), fail)
        } catch (error) {
          fail(error)
        }
      }

      function failed(error: unknown): boolean {
        failure = error
        return deadline.heapIndex < 0
      }

      const { link } = connection
      if (link !== undefined) start(link)
      else linkUnless(failed).then(start, fail)
    })
  }

  return {
    run: (what, command, ...args) => use(what, (link) => link.send(command, args)),
    use,
    within: (what, waited) =>
      new Promise((resolve, reject) => {
        const stop = clock.after(timeoutMs, () => reject(new HubError(what, tooLong)))
        waited.then(resolve, reject).finally(stop)
      }),
    close() {
      closed = true
      connection.close()
    },
  }
}

/** Redis' own words may tell what is nobody's business; they stay in the cause. */
function reasonOf(error: unknown, closed: boolean): string {
  if (closed) return 'it is closed'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_REDIS_SERVER_ERROR' ? 'redis refused it' : 'the connection to redis was lost'
}
