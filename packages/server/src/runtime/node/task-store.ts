import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessMark, SqlFile, TaskFiles } from '../task-files.ts'

const SQLITE_BUSY = 5

export const taskFiles: TaskFiles = {
  open: openFile,
  isLocked: (error) => error instanceof Error && 'errcode' in error && isBusy(error.errcode),
  get self() {
    return processMark()
  },
  isRunning,
}

function openFile(path: string): SqlFile {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (sqlite === undefined) {
    throw new TypeError(`sqliteTasks needs SQLite, which node ${process.version} has not; use a newer one, or Bun`)
  }
  makeFile(path)
  const database = new sqlite.DatabaseSync(path)
  return {
    exec: (sql) => database.exec(sql),
    run: (sql, ...values) => Number(database.prepare(sql).run(...values).changes),
    all: (sql, ...values) => database.prepare(sql).all(...values),
    close: () => database.close(),
  }
}

/** Of the result codes of SQLite, the low byte tells the kind. */
export function isBusy(code: unknown): boolean {
  return typeof code === 'number' && (code & 0xff) === SQLITE_BUSY
}

/** Results are nobody else's business, and SQLite itself would make a file that all may read. */
export function makeFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
}

export function processMark(): ProcessMark {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  return { machine: [hostname(), boot, namespace].join(' '), pid: process.pid, started: startOf(process.pid) }
}

export function isRunning({ pid, started }: ProcessMark): boolean | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // it runs, and belongs to another user, when it may only not be signalled
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  // the id may have been given to another process meanwhile
  const now = startOf(pid)
  return started === '' || now === '' ? undefined : started === now
}

/** Clock ticks from the start of the machine to that of a process, where the system tells. */
function startOf(pid: number): string {
  const status = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // the name in parentheses may hold anything, blanks and parentheses included; the 20th field behind it counts
  const behindName = status.slice(status.lastIndexOf(')') + 2)
  const fields = behindName.split(' ')
  // a process that has ended and that nobody has asked about yet runs no more
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? '')
}

/** An empty text where the system does not tell: then nothing is concluded from it. */
function read(get: () => string): string {
  try {
    return get().trim()
  } catch {
    // there is no such file on this system, or it may not be read
    return ''
  }
}
