/** The tasks extension of the client. */
export { resumeTask, startTask, type TaskHandle, type TaskOptions } from './handle.ts'
export { DEFAULT_MAX_FAILED_LOOKS, DEFAULT_POLL_INTERVAL_MS, type TasksOptions } from './options.ts'
export { TASKS, type TaskState } from './read-task.ts'
export { TaskError, type TaskErrorCode } from './task-error.ts'
export { tasks } from './tasks.ts'
