/** What every store of tasks must do. */
import { expect, test } from 'bun:test'
import type { TaskRecord, TaskRoom, TaskStore } from '../src/tasks/index.ts'

export const ROOM: TaskRoom = { maxTasks: 1000, maxTasksPerPrincipal: 1000 }

export function recordOf(store: TaskStore, more: Partial<TaskRecord> & { id: string }): TaskRecord {
  return { owner: store.owner, principal: undefined, revision: 1, final: false, expiresAt: 1000, state: '{}', ...more }
}

export function taskStoreSuite(open: () => TaskStore | Promise<TaskStore>): void {
  test('what was created is read as it was', async () => {
    await using store = await open()
    const state = JSON.stringify({ text: 'é\u0000💡"\\', deep: { list: [1, null] } })
    const one = recordOf(store, { id: 'one', principal: 'ann', expiresAt: 1_800_000_000_123, state })
    const two = recordOf(store, { id: 'two' })
    expect(await store.create(one, ROOM)).toBeUndefined()
    expect(await store.create(two, ROOM)).toBeUndefined()
    expect(await store.read('one')).toEqual(one)
    expect(await store.read('two')).toEqual(two)
    expect(await store.read('three')).toBeUndefined()
  })

  test('an id is taken once', async () => {
    await using store = await open()
    await store.create(recordOf(store, { id: 'one', state: '1' }), ROOM)
    await expect(store.create(recordOf(store, { id: 'one', state: '2' }), ROOM)).rejects.toThrow()
    expect((await store.read('one'))?.state).toBe('1')
  })

  test('only the next revision is written, and never over what is final or gone', async () => {
    await using store = await open()
    const first = recordOf(store, { id: 'one' })
    expect(await store.write({ ...first, revision: 2 })).toBe(false)
    await store.create(first, ROOM)
    expect(await store.write({ ...first, revision: 1, state: '1' })).toBe(false)
    expect(await store.write({ ...first, revision: 3, state: '3' })).toBe(false)
    expect(await store.write({ ...first, revision: 2, state: '2' })).toBe(true)
    expect(await store.write({ ...first, revision: 3, final: true, state: '3' })).toBe(true)
    expect(await store.write({ ...first, revision: 4, state: '4' })).toBe(false)
    expect(await store.read('one')).toEqual({ ...first, revision: 3, final: true, state: '3' })
  })

  test('of two writers of one revision, one is told that it was late', async () => {
    await using store = await open()
    const first = recordOf(store, { id: 'one' })
    await store.create(first, ROOM)
    const wrote = await Promise.all(['a', 'b'].map((state) => store.write({ ...first, revision: 2, state })))
    expect(wrote.filter(Boolean)).toHaveLength(1)
  })

  test('the limit without room is told by its name, and nothing is created', async () => {
    await using store = await open()
    const room = { maxTasks: 3, maxTasksPerPrincipal: 1 }
    expect(await store.create(recordOf(store, { id: '1', principal: 'ann' }), room)).toBeUndefined()
    expect(await store.create(recordOf(store, { id: '2', principal: 'ann' }), room)).toBe('maxTasksPerPrincipal')
    expect(await store.create(recordOf(store, { id: '3' }), room)).toBeUndefined()
    expect(await store.create(recordOf(store, { id: '4' }), room)).toBeUndefined()
    expect(await store.create(recordOf(store, { id: '5' }), room)).toBe('maxTasks')
    for (const id of ['2', '5']) expect(await store.read(id)).toBeUndefined()
  })

  test('what has expired is removed and makes room, and nothing else is', async () => {
    await using store = await open()
    const room = { maxTasks: 2, maxTasksPerPrincipal: 1 }
    await store.create(recordOf(store, { id: 'early', principal: 'ann', expiresAt: 1000 }), room)
    await store.create(recordOf(store, { id: 'late', expiresAt: 2000 }), room)
    await store.removeExpired(999)
    expect(await store.read('early')).toBeDefined()
    await store.removeExpired(1000)
    expect(await store.read('early')).toBeUndefined()
    expect(await store.read('late')).toBeDefined()
    expect(await store.create(recordOf(store, { id: 'next', principal: 'ann' }), room)).toBeUndefined()
    await store.removeExpired(3000)
    expect(await store.read('late')).toBeUndefined()
  })

  test('what is unfinished is found by its owner', async () => {
    await using store = await open()
    await store.create(recordOf(store, { id: 'mine' }), ROOM)
    await store.create(recordOf(store, { id: 'other', owner: 'other' }), ROOM)
    const done = recordOf(store, { id: 'done', owner: 'third' })
    await store.create(done, ROOM)
    await store.write({ ...done, revision: 2, final: true })
    expect([...(await store.owners())].sort()).toEqual([store.owner, 'other'].sort())
    expect((await store.unfinished(store.owner)).map(({ id }) => id)).toEqual(['mine'])
    expect((await store.unfinished('other')).map(({ id }) => id)).toEqual(['other'])
    expect(await store.unfinished('third')).toEqual([])
  })

  test('the process itself is alive, and called like no other', async () => {
    await using store = await open()
    await using other = await open()
    expect(await store.isAlive(store.owner)).toBe(true)
    expect(other.owner).not.toBe(store.owner)
  })
}
