import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessionManager, type SessionManager } from '@bao-mcp/client'
import { ConfigError, type Plan, type ResolveContext, watchConfig } from '@bao-mcp/client/config'
import { type Clock, systemClock } from '@bao-mcp/protocol/engine'

const echo = join(import.meta.dir, '../../../apps/echo/src/main.ts')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bao-watch-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Watched extends AsyncDisposable {
  readonly manager: SessionManager
  /** All that was told, oldest first. */
  readonly told: readonly (Plan | Error)[]
  names(): string[]
  /** What is told next, or was since this was asked the last time. */
  next(): Promise<Plan | Error>
  refresh(): Promise<void>
  /** Ends the watching alone. */
  stop(): Promise<void>
}

interface WatchedOptions {
  readonly context?: ResolveContext
  readonly clock?: Clock
  /** Runs when something was told. */
  readonly afterwards?: () => void
}

const lazily: ResolveContext = { trusted: true, options: () => ({ lazy: true }) }

async function watched(
  paths: string | readonly string[],
  { context = lazily, clock = systemClock, afterwards }: WatchedOptions = {},
): Promise<Watched> {
  const manager = createSessionManager()
  const told: (Plan | Error)[] = []
  let read = 0
  let wake: (() => void) | undefined
  const hear = (one: Plan | Error): void => {
    told.push(one)
    wake?.()
    afterwards?.()
  }
  const watcher = await watchConfig(manager, paths, { context, clock, debounceMs: 5, onPlan: hear, onError: hear })
  return {
    manager,
    told,
    names: () => manager.listServers().map(({ name }) => name),
    refresh: () => watcher.refresh(),
    stop: async () => watcher[Symbol.asyncDispose](),
    async next() {
      while (told.length === read) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
      return told[read++] ?? new Error('nothing was told')
    },
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]()
      await manager.close()
    },
  }
}

const newFolder = (): string => mkdtempSync(join(folder, 'case-'))
const newFile = (): string => join(newFolder(), '.mcp.json')
const servers = (mcpServers: Record<string, unknown>): string => JSON.stringify({ mcpServers })

describe('a watched configuration', () => {
  test('is applied at once and after every change, however it is written', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    await using watch = await watched(path)
    expect(await watch.next()).toMatchObject({ add: ['a'] })
    writeFileSync(path, servers({ a: { command: 'x' }, b: { command: 'y' } }))
    expect(await watch.next()).toMatchObject({ add: ['b'], keep: ['a'] })
    // an editor writes beside it and puts the new file in the place of the old one, twice in a row
    for (const name of ['c', 'd']) {
      writeFileSync(`${path}.tmp`, servers({ [name]: { command: 'y' } }))
      renameSync(`${path}.tmp`, path)
      expect(await watch.next()).toMatchObject({ add: [name] })
    }
    expect(watch.names()).toEqual(['d'])
  })

  test('stays as it was while its file is broken or missing', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    await using watch = await watched(path)
    await watch.next()
    writeFileSync(path, '{ "mcpServers": { "b": ')
    const broken = await watch.next()
    expect(broken).toBeInstanceOf(ConfigError)
    expect(broken).toMatchObject({ code: 'syntax', place: { path, line: 1 } })
    unlinkSync(path)
    expect(await watch.next()).toMatchObject({ code: 'unreadable' })
    expect(watch.names()).toEqual(['a'])
    writeFileSync(path, servers({ b: { command: 'x' } }))
    expect(await watch.next()).toMatchObject({ add: ['b'], remove: ['a'] })
  })

  test('may appear only later', async () => {
    const path = newFile()
    await using watch = await watched(path)
    expect(await watch.next()).toMatchObject({ code: 'unreadable' })
    writeFileSync(path, servers({ a: { command: 'x' } }))
    expect(await watch.next()).toMatchObject({ add: ['a'] })
  })

  test('may be a link whose target changes', async () => {
    const [real, path] = [join(newFolder(), 'real.json'), newFile()]
    writeFileSync(real, servers({ a: { command: 'x' } }))
    symlinkSync(real, path)
    await using watch = await watched(path)
    await watch.next()
    writeFileSync(real, servers({ b: { command: 'x' } }))
    expect(await watch.next()).toMatchObject({ add: ['b'], remove: ['a'] })
  })

  test('may be several files, of which the first counts and a broken one stays as it was', async () => {
    const [user, project] = [newFile(), newFile()]
    writeFileSync(user, servers({ a: { command: 'user' } }))
    writeFileSync(project, servers({ a: { command: 'project' }, b: { command: 'x' } }))
    await using watch = await watched([user, project])
    expect(await watch.next()).toMatchObject({ add: ['a', 'b'] })
    expect(watch.manager.serverInfo('a').transport).toBe('stdio: user')
    writeFileSync(project, 'oops')
    expect(await watch.next()).toMatchObject({ code: 'syntax' })
    writeFileSync(user, servers({}))
    expect(await watch.next()).toMatchObject({ change: ['a'], keep: ['b'] })
    expect(watch.manager.serverInfo('a').transport).toBe('stdio: project')
  })

  test('is read once for changes that follow each other', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    const pauses: { end: () => void; isOver: boolean }[] = []
    let begun = Promise.withResolvers<void>()
    // no time goes by: a pause ends when it is told to
    const clock: Clock = {
      now: () => 0,
      after(_ms, end) {
        const pause = { end, isOver: false }
        pauses.push(pause)
        begun.resolve()
        return () => {
          pause.isOver = true
        }
      },
    }
    await using watch = await watched(path, { clock })
    await watch.next()
    for (const name of ['b', 'c']) {
      // by renaming: of equal changes in the same moment a runtime may report one
      writeFileSync(`${path}.${name}`, servers({ [name]: { command: 'x' } }))
      begun = Promise.withResolvers<void>()
      renameSync(`${path}.${name}`, path)
      await begun.promise
    }
    const open = pauses.filter(({ isOver }) => !isOver)
    expect(open).toHaveLength(1)
    open[0]?.end()
    expect(await watch.next()).toMatchObject({ add: ['c'], remove: ['a'] })
    expect(watch.told).toHaveLength(2)
  })

  test('is applied anew when asked to, for instance because it is trusted now', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    let isTrusted = false
    await using watch = await watched(path, { context: { ...lazily, trusted: () => isTrusted } })
    expect(await watch.next()).toMatchObject({ add: [], skipped: [{ reason: 'untrusted' }] })
    isTrusted = true
    await watch.refresh()
    expect(await watch.next()).toMatchObject({ add: ['a'] })
  })

  test('cannot be in a folder that does not exist', async () => {
    await using manager = createSessionManager()
    const nowhere = join(newFolder(), 'none', '.mcp.json')
    const told: Error[] = []
    await expect(watchConfig(manager, nowhere, { onError: (error) => told.push(error) })).rejects.toMatchObject({
      code: 'unreadable',
    })
    expect(told).toEqual([])
  })

  test('leaves the processes of servers that stay as they were alone', async () => {
    const path = newFile()
    const server = { command: process.execPath, args: [echo] }
    writeFileSync(path, servers({ same: server, other: server }))
    await using watch = await watched(path, { context: { trusted: true } })
    await watch.next()
    await watch.manager.ready({ require: 'all' })
    const starts = (): Map<string, number> =>
      new Map(watch.manager.snapshot().servers.map(({ name, connectedSince }) => [name, connectedSince ?? 0]))
    const before = starts()
    writeFileSync(path, servers({ same: server, other: { ...server, env: { CHANGED: '1' } } }))
    expect(await watch.next()).toMatchObject({ keep: ['same'], change: ['other'] })
    await watch.manager.ready({ require: 'all' })
    expect(starts().get('same')).toBe(before.get('same') ?? -1)
    expect(watch.manager.snapshot().servers.map(({ name, starts }) => [name, starts])).toEqual([
      ['same', 1],
      ['other', 1],
    ])
    const { structured } = await watch.manager.callTool('same', 'echo', { text: 'hi' })
    expect(structured).toEqual({ text: 'hi' })
  })
})

/** Somebody who is asked, and does not answer. */
function silent(): { inputs: NonNullable<ResolveContext['inputs']>; asked: Promise<void>; signals: AbortSignal[] } {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const signals: AbortSignal[] = []
  const inputs: ResolveContext['inputs'] = (_id, { signal }) => {
    if (signal !== undefined) signals.push(signal)
    resolve()
    return new Promise(() => {})
  }
  return { inputs, asked, signals }
}

const asking = { command: 'x', env: { T: `\${input:t}` } }

describe('a watched configuration that waits for an answer', () => {
  test('is read again when it changes, and the question is given up', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    const { inputs, asked, signals } = silent()
    await using watch = await watched(path, { context: { ...lazily, inputs } })
    await watch.next()
    writeFileSync(path, servers({ a: asking }))
    await asked
    writeFileSync(path, servers({ b: { command: 'y' } }))
    expect(await watch.next()).toMatchObject({ keep: ['a'], skipped: [{ reason: 'unanswered' }] })
    expect(await watch.next()).toMatchObject({ add: ['b'], remove: ['a'] })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('ends its watching nevertheless', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: { command: 'x' } }))
    const { inputs, asked, signals } = silent()
    await using watch = await watched(path, { context: { ...lazily, inputs } })
    await watch.next()
    writeFileSync(path, servers({ a: asking, b: { command: 'y' } }))
    await asked
    await watch.stop()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(watch.names()).toEqual(['a', 'b'])
    expect(watch.told).toHaveLength(1)
  })

  test('the first time ends with its signal', async () => {
    const path = newFile()
    writeFileSync(path, servers({ a: asking }))
    await using manager = createSessionManager()
    const { inputs, asked } = silent()
    const end = new AbortController()
    const onError = (): void => {}
    const watching = watchConfig(manager, path, { context: { ...lazily, inputs }, onError, signal: end.signal })
    await asked
    end.abort(new Error('enough'))
    await expect(watching).rejects.toThrow('enough')
    await expect(watchConfig(manager, path, { onError, signal: end.signal })).rejects.toThrow('enough')
  })
})

test('whoever is told of plans and mistakes may throw, and is told of the next ones as well', async () => {
  const path = newFile()
  writeFileSync(path, servers({ a: { command: 'x' } }))
  const throwing = (): never => {
    throw new Error('of whoever listens')
  }
  await using watch = await watched(path, { afterwards: throwing })
  expect(await watch.next()).toMatchObject({ add: ['a'] })
  writeFileSync(path, 'oops')
  expect(await watch.next()).toMatchObject({ code: 'syntax' })
  writeFileSync(path, servers({ b: { command: 'x' } }))
  expect(await watch.next()).toMatchObject({ add: ['b'], remove: ['a'] })
  await watch.refresh()
  expect(await watch.next()).toMatchObject({ keep: ['b'] })
})

test('a folder that goes away while it is watched ends nothing that runs', async () => {
  const own = newFolder()
  mkdirSync(join(own, 'sub'))
  const path = join(own, 'sub', '.mcp.json')
  writeFileSync(path, servers({ a: { command: 'x' } }))
  await using watch = await watched(path)
  await watch.next()
  rmSync(join(own, 'sub'), { recursive: true })
  expect(await watch.next()).toMatchObject({ code: 'unreadable' })
  expect(watch.names()).toEqual(['a'])
})
