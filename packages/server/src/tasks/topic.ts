import { INVALID_PARAMS, type JsonObject, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { type ExtensionTopic, mustUnderstand } from '../extension.ts'
import type { Entry, Ledger } from './ledger.ts'
import { TASKS } from './name.ts'
import { ownTask } from './own-task.ts'
import { viewOf } from './task-state.ts'

const TASK_CHANGED = 'notifications/tasks'

/**
 * Tells whoever asked for it how tasks of their own go on, with the whole task each time. A task that has changed since it
 * was created is told of at once, because its client may have missed that.
 */
export function tasksTopic(ledger: Ledger, maxFollowedTasks: number): ExtensionTopic {
  return {
    member: 'taskIds',
    async follow(asked, { facts, principal, serving }, tell) {
      mustUnderstand(facts, TASKS)
      if (!Array.isArray(asked) || !asked.every((id) => typeof id === 'string')) {
        throw new RpcError(INVALID_PARAMS, 'params.notifications.taskIds must be a list of task ids')
      }
      const ids = new Set<string>(asked)
      if (ids.size > maxFollowedTasks) {
        const words = `${ids.size} tasks are asked for, and the limit is ${maxFollowedTasks} (maxFollowedTasks)`
        throw new RpcError(SERVER_BUSY, words)
      }
      const honoured: string[] = []
      const stops: (() => void)[] = []
      const stop = (): void => {
        for (const one of stops) one()
      }
      try {
        for (const id of ids) {
          const entry = await ownTask(ledger, id, principal)
          if (entry === undefined) continue
          honoured.push(id)
          const heard = teller(tell)
          stops.push(ledger.listen(id, { clock: serving.clock, here: entry.isHere, heard }))
          // once more, for what has changed before it was listened to
          heard((await ledger.read(id)) ?? entry)
        }
      } catch (error) {
        stop()
        throw error
      }
      return honoured.length === 0 ? undefined : { honoured, stop }
    },
  }
}

/** Tells each state once, and the one of a new task not at all: whoever created it knows that. */
function teller(tell: (method: string, params: JsonObject) => void): (entry: Entry) => void {
  let told = 1
  return ({ record: { revision }, task }) => {
    if (revision <= told) return
    told = revision
    tell(TASK_CHANGED, viewOf(task))
  }
}
