import { type Clock, type Extended, INTERNAL_ERROR, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { HandOver } from '../context.ts'
import { toBase64Url } from '../digest.ts'
import type { ServedRequest } from '../dispatch.ts'
import type { ServerLog, Serving } from '../serving.ts'
import type { Ledger } from './ledger.ts'
import { ID_BYTES } from './name.ts'
import { type TaskSettings, wholeMs } from './options.ts'
import { createStatusWriter } from './status-writer.ts'
import { TaskExchange } from './task-exchange.ts'
import { cancelled, failed, newTask, SHUT_DOWN, viewOf } from './task-state.ts'
import { work } from './work.ts'

/** How one call goes on as a task. */
export interface RunAsTaskOptions {
  /** True for what cannot be done while a client waits: clients without tasks are refused. Default: they wait for it. */
  required?: boolean
  /** Milliseconds from now until the task is removed with its result; at most `maxTtlMs`. */
  ttlMs?: number
  /** Milliseconds the client is asked to leave between two looks at the task. */
  pollIntervalMs?: number
  /** What the task says of itself at first. */
  statusMessage?: string
}

/** The tasks that run in this process. */
export interface TaskBoard {
  /**
   * Goes on with a call as a task, which is in the store before its client hears of it.
   * @throws {RpcError} -31999 naming the limit that leaves no room for one more
   * @throws the call's reason when nobody waits for it any more
   */
  start(request: ServedRequest, left: HandOver, options: RunAsTaskOptions): Promise<Extended>
  /**
   * Waits for the tasks of calls that were served one way. After `graceMs` milliseconds the rest is aborted and has failed;
   * both is so when it resolves.
   */
  drain(serving: Serving, graceMs: number): Promise<void>
}

/** A task that runs here. */
interface Running {
  readonly exchange: TaskExchange
  readonly serving: Serving
  /** Resolves when it has ended and that is written. */
  readonly ended: Promise<void>
}

export function createBoard(settings: TaskSettings, ledger: Ledger): TaskBoard {
  const { store, now } = settings
  const running = new Map<string, Running>()

  /** Ends a task at its time, whatever it does, and lets go of all that is kept of it. */
  function expire(taskId: string, expiresAt: number, serving: Serving): void {
    const { clock, log } = serving
    clock.after(Math.max(1, expiresAt - now()), () => {
      // a timer may be shorter than it was asked to be, and the time of day may have been set back
      if (now() < expiresAt) return expire(taskId, expiresAt, serving)
      running.get(taskId)?.exchange.abort('its task has expired')
      store.removeExpired(now()).catch((error: unknown) => log.error('expired tasks cannot be removed', error))
    })
  }

  const servedBy = (serving: Serving): [string, Running][] => [...running].filter(([, one]) => one.serving === serving)

  /** Never rejects. */
  async function giveUp(taskId: string, exchange: TaskExchange, log: ServerLog): Promise<void> {
    exchange.abort('the server is shutting down')
    try {
      await ledger.change(taskId, (task) => failed(task, { code: INTERNAL_ERROR, message: SHUT_DOWN }))
    } catch (error) {
      // whoever asks for it later learns that its process has ended
      log.error('the end of a task cannot be written', error)
    }
  }

  return {
    async start(request, left, options) {
      const { serving, exchange: call, auth } = request
      if (call.cancelled) throw overOf(call.signal)
      const pollIntervalMs = wholeMs('pollIntervalMs', options.pollIntervalMs ?? settings.pollIntervalMs)
      const ttlMs = Math.min(wholeMs('ttlMs', options.ttlMs ?? settings.ttlMs), settings.maxTtlMs)
      const { statusMessage } = options
      const taskId = toBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
      const createdAt = now()
      const expiresAt = createdAt + ttlMs
      const task = newTask(
        { taskId, ttlMs, pollIntervalMs, ...(statusMessage !== undefined && { statusMessage }) },
        createdAt,
      )
      await store.removeExpired(createdAt)
      const full = await store.create(
        {
          id: taskId,
          owner: store.owner,
          principal: auth?.principal,
          revision: 1,
          final: false,
          expiresAt,
          state: JSON.stringify(task),
        },
        settings,
      )
      if (full !== undefined) throw noRoom(full)
      expire(taskId, expiresAt, serving)
      // whoever does not learn the id could neither look at the task nor cancel it
      if (call.cancelled) {
        await ledger.change(taskId, cancelled)
        throw overOf(call.signal)
      }
      const status = createStatusWriter({
        clock: serving.clock,
        everyMs: pollIntervalMs,
        write: (words) => ledger.change(taskId, (known) => ({ ...known, statusMessage: words })),
        failed: (error) => serving.log.error('the status of a task cannot be written', error),
      })
      const exchange = new TaskExchange(taskId, call.length, { status: (words) => status.say(words) })
      // it tells its failures through the task
      const ended = work({ request, exchange, left, ledger, settings, status, expiresAt }).finally(() => {
        running.delete(taskId)
      })
      running.set(taskId, { exchange, serving, ended })
      return { kind: 'extended', resultType: 'task', value: viewOf(task) }
    },
    async drain(serving, graceMs) {
      const { clock, log } = serving
      await settledWithin(
        servedBy(serving).map(([, { ended }]) => ended),
        graceMs,
        clock,
      )
      const late = servedBy(serving)
      if (late.length === 0) return
      const tasks = late.length === 1 ? '1 task' : `${late.length} tasks`
      log.warning(`${tasks} did not finish within ${graceMs} ms (drainGraceMs)`)
      await Promise.all(late.map(([taskId, { exchange }]) => giveUp(taskId, exchange, log)))
    },
  }
}

/** Resolves when all have, or when the time is over. */
async function settledWithin(all: readonly Promise<void>[], ms: number, clock: Clock): Promise<void> {
  if (all.length === 0 || ms === 0) return
  let stop: (() => void) | undefined
  const over = new Promise<void>((resolve) => {
    stop = clock.after(ms, resolve)
  })
  await Promise.race([Promise.all(all), over])
  stop?.()
}

function noRoom(limit: string): RpcError {
  return new RpcError(SERVER_BUSY, `the server is busy: no more tasks can be kept (${limit})`)
}

function overOf({ reason }: AbortSignal): unknown {
  return reason ?? new DOMException('the call is over', 'AbortError')
}
