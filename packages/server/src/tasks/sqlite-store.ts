import { type Clock, RpcError, SERVER_BUSY, systemClock } from '@bao-mcp/protocol/engine'
import { atLeast } from '../at-least.ts'
import type { ProcessMark, SqlFile, SqlRow } from '../runtime/task-files.ts'
import type { TaskRecord, TaskStore } from './store.ts'

export const DEFAULT_HEARTBEAT_MS = 5000
export const DEFAULT_DEAD_AFTER_MS = 30_000
export const DEFAULT_MAX_LOCKED_MS = 2000
/** Until a file that somebody else writes is tried again, in milliseconds. */
export const LOCKED_PAUSE_MS = 25

/** How processes that share one database tell who of them still lives. */
export interface SqliteTaskOptions {
  /** Milliseconds between two signs of life. Default 5000. */
  heartbeatMs?: number
  /** Milliseconds without one after which a process counts as ended that cannot be looked up. Default 30,000. */
  deadAfterMs?: number
  /** Milliseconds that another process may hold the file against a write; past it the write is refused. Default 2000. */
  maxLockedMs?: number
  clock?: Clock
  /** Wall-clock milliseconds. Default `Date.now`. */
  now?: () => number
}

/** Other statements of this process wait for these, and everything else it does: long enough for a write of somebody else. */
const BLOCKING_MS = 2
/** Likewise while the file is opened, when there is nothing else to do. */
const OPENING_MS = 2000

/** Of this layout of the tables; a file of another is left alone. */
const LAYOUT = 1

const TABLES = `
  CREATE TABLE tasks (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, principal TEXT, revision INTEGER NOT NULL, final INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_expiry ON tasks (expires_at);
  CREATE INDEX tasks_by_principal ON tasks (principal);
  CREATE INDEX tasks_unfinished ON tasks (owner) WHERE final = 0;
  CREATE TABLE owners (
    owner TEXT PRIMARY KEY, machine TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL, seen_at INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = ${LAYOUT};
`

/**
 * Keeps tasks in a SQLite file, which several processes of one machine may share. Whoever opens it later finds what became
 * of them, and tasks of a process that is gone have failed. Close it with the server; the file stays.
 * @param path of a file for tasks alone; made when it is not there
 * @throws {TypeError} where the runtime has no SQLite, for a file that holds something else, and for limits that make no sense
 */
export async function sqliteTasks(path: string, options: SqliteTaskOptions = {}): Promise<TaskStore> {
  const { clock = systemClock, now = Date.now } = options
  const heartbeatMs = atLeast(1, 'heartbeatMs', options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS)
  const deadAfterMs = atLeast(heartbeatMs * 2, 'deadAfterMs', options.deadAfterMs ?? DEFAULT_DEAD_AFTER_MS)
  const maxLockedMs = atLeast(0, 'maxLockedMs', options.maxLockedMs ?? DEFAULT_MAX_LOCKED_MS)
  const { taskFiles } = await import('#runtime/task-store')
  const file = taskFiles.open(path)
  try {
    layOut(file, path)
  } catch (error) {
    file.close()
    throw error
  }
  const owner = crypto.randomUUID()
  const { machine, pid, started } = taskFiles.self
  signOfLife()
  for (const { owner: name } of file.all('SELECT owner FROM owners')) {
    // who is not there counts as ended all the same
    if (!isAlive(String(name))) file.run('DELETE FROM owners WHERE owner = ?', String(name))
  }
  file.exec(`PRAGMA busy_timeout = ${BLOCKING_MS}`)
  let stopTimer: (() => void) | undefined
  let untilTriedAgain: Promise<void> | undefined
  let version = versionOf(file)
  beat()

  function beat(): void {
    stopTimer = clock.after(heartbeatMs, () => {
      // where somebody else writes for longer than it waits, the next sign of life is in time as well
      whenUnlocked(signOfLife).catch(() => undefined)
      beat()
    })
  }

  /**
   * Writes when nobody else does. Whoever waits lets the event loop run, and one of all who wait tries again.
   * @throws {RpcError} -31999 when somebody else writes for longer than `maxLockedMs`
   */
  async function whenUnlocked<T>(write: () => T): Promise<T> {
    const until = clock.now() + maxLockedMs
    for (;;) {
      if (untilTriedAgain === undefined) {
        try {
          return write()
        } catch (error) {
          if (!taskFiles.isLocked(error)) throw error
        }
      }
      if (clock.now() >= until) {
        const words = `the server is busy: its tasks have been locked by another process for ${maxLockedMs} ms (maxLockedMs)`
        throw new RpcError(SERVER_BUSY, words)
      }
      untilTriedAgain ??= new Promise((resolve) => {
        clock.after(LOCKED_PAUSE_MS, () => {
          untilTriedAgain = undefined
          resolve()
        })
      })
      await untilTriedAgain
    }
  }

  /** In full, because whoever took this process for ended has struck it off. */
  function signOfLife(): void {
    file.run('INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?)', owner, machine, pid, started, now())
  }

  function isAlive(name: string): boolean {
    if (name === owner) return true
    const [row] = file.all('SELECT * FROM owners WHERE owner = ?', name)
    if (row === undefined) return false
    const mark = markOf(row)
    const runs = machine !== '' && mark.machine === machine ? taskFiles.isRunning(mark) : undefined
    // where processes cannot be looked up, a sign of life has to do
    return runs ?? now() - Number(row.seen_at) < deadAfterMs
  }

  return {
    owner,
    async create({ id, owner: by, principal = null, revision, final, expiresAt, state }, room) {
      const values = [id, by, principal, revision, Number(final), expiresAt, state]
      const own = '(SELECT count(*) FROM tasks WHERE principal = ?)'
      const sql = `INSERT INTO tasks SELECT ?, ?, ?, ?, ?, ?, ?
        WHERE (SELECT count(*) FROM tasks) < ? AND ${own} < ?`
      const limits = [room.maxTasks, principal, room.maxTasksPerPrincipal]
      const created = await whenUnlocked(() => file.run(sql, ...values, ...limits))
      if (created === 1) return undefined
      const [row] = file.all(`SELECT ${own} AS own`, principal)
      return Number(row?.own) >= room.maxTasksPerPrincipal ? 'maxTasksPerPrincipal' : 'maxTasks'
    },
    // nobody who writes keeps others from reading
    async read(id) {
      const [row] = file.all('SELECT * FROM tasks WHERE id = ?', id)
      return row === undefined ? undefined : recordOf(row)
    },
    async write({ id, revision, final, expiresAt, state }) {
      const sql = `UPDATE tasks SET revision = ?, final = ?, expires_at = ?, state = ?
        WHERE id = ? AND final = 0 AND revision = ?`
      const values = [revision, Number(final), expiresAt, state, id, revision - 1]
      return (await whenUnlocked(() => file.run(sql, ...values))) === 1
    },
    async unfinished(name) {
      return file.all('SELECT * FROM tasks WHERE owner = ? AND final = 0', name).map(recordOf)
    },
    async owners() {
      return file.all('SELECT DISTINCT owner FROM tasks WHERE final = 0').map((row) => String(row.owner))
    },
    isAlive: async (name) => isAlive(name),
    async removeExpired(at) {
      await whenUnlocked(() => file.run('DELETE FROM tasks WHERE expires_at <= ?', at))
    },
    async changedElsewhere() {
      const before = version
      version = versionOf(file)
      return version !== before
    },
    async [Symbol.asyncDispose]() {
      if (stopTimer === undefined) return
      stopTimer()
      stopTimer = undefined
      try {
        file.run('DELETE FROM owners WHERE owner = ?', owner)
      } catch {
        // whoever opens the file later finds that this process has ended
      }
      file.close()
    },
  }
}

/** Prepares a new file, and makes sure that one which was there is a file of ours. */
function layOut(file: SqlFile, path: string): void {
  file.exec(`PRAGMA busy_timeout = ${OPENING_MS}`)
  file.exec('PRAGMA journal_mode = WAL')
  // "a task is durable before its client hears of it", even where the power fails
  file.exec('PRAGMA synchronous = FULL')
  // two processes may open a new file at once
  file.exec('BEGIN IMMEDIATE')
  try {
    const [row] = file.all('PRAGMA user_version')
    const layout = Number(row?.user_version)
    const [tables] = file.all('SELECT count(*) AS n FROM sqlite_schema')
    if (layout !== LAYOUT && (layout !== 0 || Number(tables?.n) > 0)) {
      throw new TypeError(
        `${path} must be a file for tasks (layout ${LAYOUT}), and it holds something else (${layout})`,
      )
    }
    if (layout === 0) file.exec(TABLES)
    file.exec('COMMIT')
  } catch (error) {
    file.exec('ROLLBACK')
    throw error
  }
}

/** Another one after each write of another connection. */
function versionOf(file: SqlFile): unknown {
  const [row] = file.all('PRAGMA data_version')
  return row?.data_version
}

function markOf({ machine, pid, started }: SqlRow): ProcessMark {
  return { machine: String(machine), pid: Number(pid), started: String(started) }
}

function recordOf({ id, owner, principal, revision, final, expires_at, state }: SqlRow): TaskRecord {
  return {
    id: String(id),
    owner: String(owner),
    principal: principal === null ? undefined : String(principal),
    revision: Number(revision),
    final: final === 1,
    expiresAt: Number(expires_at),
    state: String(state),
  }
}
