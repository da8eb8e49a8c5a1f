import { Database, SQLiteError } from 'bun:sqlite'
import { isBusy, isRunning, makeFile, processMark } from '../node/task-store.ts'
import type { SqlFile, TaskFiles } from '../task-files.ts'

export const taskFiles: TaskFiles = {
  open: openFile,
  isLocked: (error) => error instanceof SQLiteError && isBusy(error.errno),
  get self() {
    return processMark()
  },
  isRunning,
}

function openFile(path: string): SqlFile {
  makeFile(path)
  const database = new Database(path, { strict: true })
  return {
    exec: (sql) => database.run(sql),
    run: (sql, ...values) => database.query(sql).run(...values).changes,
    // proof: a row is an object of its columns
    all: (sql, ...values) => database.query(sql).all(...values) as Record<string, unknown>[],
    close: () => database.close(),
  }
}
