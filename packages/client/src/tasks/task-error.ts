/** Closed set of codes of {@link TaskError}. */
export type TaskErrorCode =
  | 'cancelled' // somebody cancelled it, or its server did
  | 'gone' // its server knows no such task: it has expired, or is somebody else's
  | 'lost' // it may go on, and this client cannot see how: `cause` says why

/** A tool call became a task, and the task has no result to give. */
export class TaskError extends Error {
  override readonly name = 'TaskError'
  readonly code: TaskErrorCode
  /** What `resumeTask` takes. */
  readonly taskId: string

  constructor(code: TaskErrorCode, taskId: string, message: string, options?: ErrorOptions) {
    super(`task ${taskId}: ${message}`, options)
    this.code = code
    this.taskId = taskId
  }
}
