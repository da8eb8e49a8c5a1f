import type { TaskFiles } from '../task-files.ts'

/** Where there are no files, there is no store in one. */
export const taskFiles: TaskFiles = {
  open() {
    throw new TypeError('sqliteTasks needs SQLite, which only Bun and Node have')
  },
  isLocked: () => false,
  self: { machine: '', pid: 0, started: '' },
  isRunning: () => undefined,
}
