import { type CallOptions, InvalidResultError, type JsonObject, RpcError } from '@bao-mcp/protocol/engine'
import type { Conversation } from '../extension.ts'
import { follow } from '../follow.ts'
import { heldTimer } from '../transports/timer.ts'
import { listenToTask } from './listen-to-task.ts'
import { aboutTask, persistently } from './look.ts'
import type { TaskSettings } from './options.ts'
import { createQuestions } from './questions.ts'
import { errorOf, isFinal, type TaskState } from './read-task.ts'
import { TaskError } from './task-error.ts'

/** A task that is being looked after until it ends. */
export interface TaskRun {
  readonly id: string
  /** As it was told of last. The same object until something of it changes. */
  readonly state: TaskState
  /** False once the result is settled. */
  readonly isGoing: boolean
  /**
   * @throws {RpcError} what it has failed with
   * @throws {TaskError} when it has no result to give
   * @throws what the caller gave up with, or why a question was not answered; the task is cancelled then
   */
  readonly result: Promise<JsonObject>
  /** Looks at it now, unless the last look is younger than the server wants. */
  look(): Promise<TaskState>
  /** Resolves when the state is another one, and when it is no longer looked after. */
  changed(): Promise<void>
  /** Asks the server to cancel it. How it ends then is the server's to say. */
  cancel(): Promise<void>
}

export interface RunTaskOptions {
  readonly conversation: Conversation
  readonly settings: TaskSettings
  /** What goes with each request about it. */
  readonly call: Pick<CallOptions, 'timeoutMs' | 'headers'>
  /** Gives it up, and has the task cancelled. */
  readonly signal: AbortSignal | undefined
  /** Told of every state that is another one, the first included. */
  onState?: ((state: TaskState) => void) | undefined
}

/** Milliseconds between two looks that a server cannot ask to go below. */
const LEAST_INTERVAL_MS = 100
/** What the interval grows by with each look at a task in which nothing happens, and up to how many milliseconds. */
const GROWTH = 1.25
const LONGEST_GROWN_MS = 10_000
/** The longest a timer of a runtime can be set to, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Looks at a task until it ends, never sooner than its server wants, and has its questions answered meanwhile.
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function runTask(first: TaskState, options: RunTaskOptions): TaskRun {
  const { conversation, settings, onState } = options
  const { clock } = conversation
  const id = first.taskId
  const life = follow(options.signal, conversation.ended())
  const { signal } = life
  const about = aboutTask(id, { conversation, call: options.call, signal })
  const questions = createQuestions({
    conversation,
    signal,
    send: (responses) => patiently(() => about.update(responses)),
    failed: (error) => life.controller.abort(error),
  })
  let state = first
  let isGoing = true
  let lookedAt = clock.now()
  let quietLooks = 0
  let looking: Promise<TaskState> | undefined
  let change = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let stopWaiting: (() => void) | undefined

  function intervalMs(): number {
    return Math.max(LEAST_INTERVAL_MS, state.pollIntervalMs ?? settings.pollIntervalMs)
  }

  function pauseMs(): number {
    const least = intervalMs()
    return Math.max(least, Math.min(LONGEST_GROWN_MS, least * GROWTH ** quietLooks))
  }

  function patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const { maxFailedLooks: maxFailures } = settings
    const sent = persistently(attempt, { conversation, maxFailures, leastPauseMs: intervalMs, signal })
    // the call itself was answered: its failure must not look like one of the call, which might be sent again
    return sent.catch((error: unknown) => {
      throw isNoAnswer(error) && !signal.aborted ? lost(id, error) : error
    })
  }

  function note(next: TaskState): void {
    // what was on its way when the task ended tells of how it was before
    if (!isGoing || isFinal(state) || isSame(state, next)) return
    state = next
    quietLooks = 0
    if (isFinal(next)) ended.resolve()
    tell()
  }

  function tell(): void {
    stopWaiting?.()
    change.resolve()
    change = Promise.withResolvers()
    try {
      onState?.(state)
    } catch (error) {
      life.controller.abort(error)
    }
  }

  /** Whoever wants to know at the same time shares one look. */
  function lookNow(): Promise<TaskState> {
    looking ??= get().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function get(): Promise<TaskState> {
    quietLooks++
    try {
      note(await about.get())
      return state
    } finally {
      // from its end on: a server that is slow to answer is not asked at once again
      lookedAt = clock.now()
    }
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = clock.after(ms, resolve)
      stopWaiting = () => {
        stop()
        resolve()
      }
    })
  }

  async function untilFinal(): Promise<JsonObject> {
    for (;;) {
      signal.throwIfAborted()
      const now = state
      switch (now.status) {
        case 'completed':
          return now.result
        case 'failed':
          throw errorOf(now)
        case 'cancelled':
          throw new TaskError('cancelled', id, `it was cancelled${words(now.statusMessage)}`)
        case 'input_required':
          questions.take(now.inputRequests)
          break
        case 'working':
          break
        default:
          now satisfies never
      }
      // what was heard meanwhile comes first
      if (state !== now || signal.aborted) continue
      await wait(Math.max(0, lookedAt + pauseMs() - clock.now()))
      if (state !== now || signal.aborted) continue
      // an end that is heard of need not wait for a look that is under way
      await Promise.race([patiently(lookNow).catch(unseen), ended.promise])
    }
  }

  /** An error that a look was answered with is none of the task. */
  function unseen(error: unknown): never {
    throw error instanceof RpcError ? lost(id, error) : error
  }

  async function run(): Promise<JsonObject> {
    const wake = (): void => stopWaiting?.()
    // the clock does not keep a process alive, which would end in the middle of the task with nothing else to do
    const letGo = heldTimer.after(LONGEST_TIMER_MS, wake)
    signal.addEventListener('abort', wake, { once: true })
    if (settings.listen) listenToTask(id, { conversation, signal, heard: note })
    try {
      tell()
      return await untilFinal()
    } catch (error) {
      if (error === conversation.ended().reason) throw lost(id, error)
      // best effort: whoever gave it up is told why, whether or not the server hears of it
      if (signal.aborted) void about.cancel().catch(() => undefined)
      throw error
    } finally {
      isGoing = false
      letGo()
      life[Symbol.dispose]()
      // ends what still answers or listens
      life.controller.abort(new DOMException('the task is over', 'AbortError'))
      change.resolve()
    }
  }

  const result = run()
  // whoever waits for it is told
  result.catch(() => undefined)

  return {
    id,
    get state() {
      return state
    },
    get isGoing() {
      return isGoing
    },
    result,
    async look() {
      const isYoung = clock.now() - lookedAt < intervalMs()
      return !isGoing || isFinal(state) || (isYoung && looking === undefined) ? state : lookNow()
    },
    changed: () => (isGoing ? change.promise : Promise.resolve()),
    cancel: () => (isFinal(state) ? Promise.resolve() : about.cancel()),
  }
}

function isSame(a: TaskState, b: TaskState): boolean {
  if (a.status !== b.status || a.statusMessage !== b.statusMessage || a.lastUpdatedAt !== b.lastUpdatedAt) return false
  if (a.pollIntervalMs !== b.pollIntervalMs) return false
  return a.status !== 'input_required' || b.status !== 'input_required' || sameKeys(a.inputRequests, b.inputRequests)
}

function sameKeys(a: object, b: object): boolean {
  return Object.keys(a).join('\n') === Object.keys(b).join('\n')
}

function words(message: string | undefined): string {
  return message === undefined ? '' : `: ${message}`
}

/** Whether a request about a task failed on its way, or was never let out for want of a login. */
function isNoAnswer(error: unknown): boolean {
  return !(error instanceof RpcError || error instanceof TaskError || error instanceof InvalidResultError)
}

function lost(id: string, cause: unknown): TaskError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TaskError('lost', id, `it may go on, but cannot be looked at: ${why}`, { cause })
}
