import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { fakeClock, microtasks } from '../../test/kit.ts'
import { ROOM, recordOf } from '../../test/task-store-suite.ts'
import { sqliteTasks } from './index.ts'
import { DEFAULT_HEARTBEAT_MS, DEFAULT_MAX_LOCKED_MS, LOCKED_PAUSE_MS } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'bao-tasks-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => join(folder, `${files++}.sqlite`)

/** Changes the row of an owner behind the back of its store. */
function rewrite(path: string, owner: string, column: 'machine' | 'pid' | 'started', value: string | number): void {
  const database = new Database(path)
  database.run(`UPDATE owners SET ${column} = ? WHERE owner = ?`, [value, owner])
  database.close()
}

describe('the file', () => {
  test('keeps tasks over its being closed, for its owner alone to read', async () => {
    const path = newPath()
    let owner: string
    {
      await using store = await sqliteTasks(path)
      owner = store.owner
      await store.create(recordOf(store, { id: 'one', state: '"kept"' }), ROOM)
    }
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await using again = await sqliteTasks(path)
    expect(await again.read('one')).toMatchObject({ owner, state: '"kept"' })
    expect(await again.isAlive(owner)).toBe(false)
  })

  test('of something else is left as it is, with a word', async () => {
    const path = newPath()
    const database = new Database(path)
    database.run('CREATE TABLE accounts (id INTEGER)')
    database.close()
    await expect(sqliteTasks(path)).rejects.toThrow(`${path} must be a file for tasks (layout 1)`)
    const text = newPath()
    writeFileSync(text, 'no database at all, but long enough to look at')
    await expect(sqliteTasks(text)).rejects.toThrow()
    await expect(sqliteTasks(join(folder, 'missing', 'x.sqlite'))).rejects.toThrow('ENOENT')
  })

  test('may be closed twice', async () => {
    const store = await sqliteTasks(newPath())
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })

  test('tells when somebody else has written, and not when its own process has', async () => {
    const path = newPath()
    await using store = await sqliteTasks(path)
    await using other = await sqliteTasks(path)
    await store.changedElsewhere?.()
    await store.create(recordOf(store, { id: 'own' }), ROOM)
    expect(await store.changedElsewhere?.()).toBe(false)
    await other.create(recordOf(other, { id: 'other' }), ROOM)
    expect(await store.changedElsewhere?.()).toBe(true)
    expect(await store.changedElsewhere?.()).toBe(false)
  })
})

describe('a file that another process writes', () => {
  /** Somebody who holds the file until told to let go. */
  function lock(path: string): () => void {
    const database = new Database(path)
    database.run('BEGIN IMMEDIATE')
    return () => {
      database.run('COMMIT')
      database.close()
    }
  }

  test('is read meanwhile, and written as soon as it is free', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using store = await sqliteTasks(path, { clock })
    const first = recordOf(store, { id: 'one' })
    await store.create(first, ROOM)
    const unlock = lock(path)
    const created = store.create(recordOf(store, { id: 'two' }), ROOM)
    const written = store.write({ ...first, revision: 2 })
    const removed = store.removeExpired(0)
    expect(await store.read('one')).toEqual(first)
    clock.advance(LOCKED_PAUSE_MS)
    await microtasks()
    expect(await store.read('two')).toBeUndefined()
    unlock()
    clock.advance(LOCKED_PAUSE_MS)
    expect([await created, await written, await removed]).toEqual([undefined, true, undefined])
    expect(await store.read('two')).toBeDefined()
  })

  test('for too long refuses the write by the name of the limit, and is written again later', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using store = await sqliteTasks(path, { clock })
    const unlock = lock(path)
    const refused = store.create(recordOf(store, { id: 'one' }), ROOM).catch((error: unknown) => error)
    for (let ms = 0; ms < DEFAULT_MAX_LOCKED_MS; ms += LOCKED_PAUSE_MS) {
      clock.advance(LOCKED_PAUSE_MS)
      await microtasks()
    }
    expect(await refused).toMatchObject({
      code: SERVER_BUSY,
      message: 'the server is busy: its tasks have been locked by another process for 2000 ms (maxLockedMs)',
    })
    unlock()
    clock.advance(LOCKED_PAUSE_MS)
    expect(await store.create(recordOf(store, { id: 'one' }), ROOM)).toBeUndefined()
  })

  test('does not keep a store from closing', async () => {
    const path = newPath()
    const store = await sqliteTasks(path)
    const unlock = lock(path)
    await store[Symbol.asyncDispose]()
    unlock()
  })
})

describe('another process', () => {
  test('is alive while it runs, and not once it has closed its store', async () => {
    const path = newPath()
    await using store = await sqliteTasks(path)
    const other = await sqliteTasks(path)
    expect(await store.isAlive(other.owner)).toBe(true)
    await other[Symbol.asyncDispose]()
    expect(await store.isAlive(other.owner)).toBe(false)
    expect(await store.isAlive('never heard of')).toBe(false)
  })

  test('is dead when its id has gone, whatever its last sign of life', async () => {
    const path = newPath()
    await using store = await sqliteTasks(path)
    await using other = await sqliteTasks(path)
    const ended = Bun.spawn(['true'])
    await ended.exited
    rewrite(path, other.owner, 'pid', ended.pid)
    expect(await store.isAlive(other.owner)).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')('is dead when its id belongs to a process that began later', async () => {
    const path = newPath()
    await using store = await sqliteTasks(path)
    await using other = await sqliteTasks(path)
    rewrite(path, other.owner, 'started', '1')
    expect(await store.isAlive(other.owner)).toBe(false)
  })

  test('that stands still, or was asleep, stays alive where it can be looked up', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using store = await sqliteTasks(path, { clock, now: () => 10 ** 12 })
    await using other = await sqliteTasks(path, { clock: fakeClock(), now: () => 0 })
    expect(await store.isAlive(other.owner)).toBe(true)
  })

  test.each(['machine', 'started'] as const)(
    'that cannot be looked up by its %s is alive as long as it gives a sign of life',
    async (column) => {
      const path = newPath()
      const clock = fakeClock()
      const settings = { clock, now: clock.now, heartbeatMs: 1000, deadAfterMs: 3000 }
      await using store = await sqliteTasks(path, settings)
      const beating = { ...settings, clock: fakeClock() }
      await using other = await sqliteTasks(path, beating)
      rewrite(path, other.owner, column, '')
      clock.advance(2999)
      expect(await store.isAlive(other.owner)).toBe(true)
      beating.clock.advance(1000)
      rewrite(path, other.owner, column, '')
      clock.advance(2999)
      expect(await store.isAlive(other.owner)).toBe(true)
      clock.advance(1)
      expect(await store.isAlive(other.owner)).toBe(false)
    },
  )

  test('that was taken for ended by mistake is known again with its next sign of life', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using other = await sqliteTasks(path, { clock })
    rewrite(path, other.owner, 'started', '1')
    await using store = await sqliteTasks(path)
    rewrite(path, other.owner, 'started', '')
    expect(await store.isAlive(other.owner)).toBe(false)
    clock.advance(DEFAULT_HEARTBEAT_MS)
    expect(await store.isAlive(other.owner)).toBe(true)
  })

  test('must have time for two signs of life', async () => {
    await expect(sqliteTasks(newPath(), { heartbeatMs: 1000, deadAfterMs: 1999 })).rejects.toThrow(
      'deadAfterMs must be at least 2000, got 1999',
    )
  })
})
