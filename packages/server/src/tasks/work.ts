import {
  INTERNAL_ERROR,
  type InputRequests,
  type InputResponses,
  InputRoundsError,
  type JsonRpcErrorObject,
  RpcError,
  toRpcError,
} from '@bao-mcp/protocol/engine'
import type { Ledger } from './ledger.ts'
import type { TaskSettings } from './options.ts'
import { pause, RETRY_MS, runTask, type TaskRun } from './run-task.ts'
import type { StatusWriter } from './status-writer.ts'
import { asking, completed, failed, isFinal, type TaskState } from './task-state.ts'

export interface Work extends Omit<TaskRun, 'ask'> {
  readonly ledger: Ledger
  readonly settings: TaskSettings
  readonly status: StatusWriter
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
}

/** A store that cannot be written is tried at least this often, in milliseconds. */
const MAX_RETRY_MS = 60_000

/** How a task ends. */
type Ending = (task: TaskState) => TaskState

/** Runs a task until it is final, was made so by somebody else, or has expired. Never rejects. */
export async function work({ ledger, settings, status, expiresAt, ...run }: Work): Promise<void> {
  const { request, exchange } = run
  const { serving, facts, params } = request
  const { clock, log, server } = serving
  let take: ((responses: InputResponses) => void) | undefined

  const stopListening = ledger.listen(exchange.id, {
    clock,
    here: true,
    heard({ task }) {
      if (isFinal(task.status)) exchange.abort(`its task is ${task.status}`)
      else if (task.inputResponses !== undefined) take?.(task.inputResponses)
    },
  })

  function ask(requests: InputRequests): Promise<InputResponses> {
    const names = Object.keys(requests)
    const { signal } = exchange
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason)
      if (signal.aborted) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      take = (responses) => {
        // until all have come, or when these are the answers of the round before
        if (!names.every((name) => Object.hasOwn(responses, name))) return
        take = undefined
        signal.removeEventListener('abort', giveUp)
        resolve(responses)
      }
      // a task that is gone has been aborted, or will be at its time
      ledger.change(exchange.id, (task) => asking(task, requests)).catch(reject)
    })
  }

  async function endingOf(): Promise<Ending> {
    try {
      const outcome = await runTask({ ...run, ask })
      if (outcome.kind === 'extended')
        throw new TypeError(`a task cannot end with a result of type ${outcome.resultType}`)
      const result = facts.revision.encode(request.method, outcome, { info: server.info })
      mustFit(JSON.stringify(result).length)
      return (task) => completed(task, result)
    } catch (thrown) {
      const error = asError(thrown)
      return (task) => failed(task, error)
    }
  }

  function asError(thrown: unknown): JsonRpcErrorObject {
    const told = thrown instanceof InputRoundsError ? new RpcError(INTERNAL_ERROR, thrown.message) : toRpcError(thrown)
    if (told !== thrown && !exchange.cancelled) log.error(`the task of ${JSON.stringify(params?.name)} failed`, thrown)
    const error = told.toObject()
    try {
      mustFit(JSON.stringify(error).length)
      return error
    } catch (unfit) {
      log.error(`the error of the task of ${JSON.stringify(params?.name)} cannot be told in full`, unfit)
      return { code: error.code, message: error.message }
    }
  }

  function mustFit(length: number): void {
    const { maxResultLength } = settings
    if (length <= maxResultLength) return
    const message = `what the task came to has ${length} characters, over the limit of ${maxResultLength} (maxResultLength)`
    throw new RpcError(INTERNAL_ERROR, message)
  }

  const ending = await endingOf()
  const unsaid = status.end()
  exchange.finish()
  stopListening()
  // a task that somebody else has ended stays as it is; otherwise, what was worked out is not given up because the store
  // cannot be reached now
  for (let waitMs = RETRY_MS; settings.now() < expiresAt; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
    try {
      await ledger.change(exchange.id, (task) =>
        ending(unsaid === undefined ? task : { ...task, statusMessage: unsaid }),
      )
      return
    } catch (error) {
      // it was aborted because it has ended in another way, and that way stands
      if (exchange.signal.aborted) return
      log.error('the end of a task cannot be written; it is tried again', error)
      await pause(clock, waitMs, exchange)
    }
  }
}
