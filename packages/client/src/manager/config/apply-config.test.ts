// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import { managed } from '../managed.test.kit.ts'
import { applyConfig, type Plan } from './apply-config.ts'
import { type ParsedConfig, parseConfig } from './parse-config.ts'
import type { ResolveContext } from './resolve-context.ts'

/** Servers that are added and start with their first call, so that nothing runs here. */
const lazily: ResolveContext = { trusted: true, env: { A: '1' }, options: () => ({ lazy: true }) }

const file = (mcpServers: Record<string, unknown>, path = 'c.json'): ParsedConfig =>
  parseConfig(JSON.stringify({ mcpServers }), { path })

const empty: Plan = { add: [], change: [], remove: [], keep: [], unresolved: [], skipped: [] }

describe('a configuration that is applied', () => {
  test('adds, changes and removes, and leaves the rest alone', async () => {
    await using kit = managed()
    const { manager, events } = kit
    const first = file({ same: { command: 'x' }, other: { command: 'y' }, gone: { command: 'z' } })
    expect(await applyConfig(manager, first, lazily)).toEqual({ ...empty, add: ['same', 'other', 'gone'] })
    const handle = manager.get('same')
    const second = file({ fresh: { command: 'w' }, other: { command: 'y', args: ['1'] }, same: { command: 'x' } })
    expect(await applyConfig(manager, second, lazily)).toEqual({
      ...{ ...empty, add: ['fresh'], change: ['other'], remove: ['gone'], keep: ['same'] },
    })
    expect(manager.get('same')).toBe(handle)
    expect(manager.listServers().map(({ name, transport }) => [name, transport])).toEqual([
      ['same', 'stdio: x'],
      ['fresh', 'stdio: w'],
      ['other', 'stdio: y 1'],
    ])
    const told = events.length
    expect(await applyConfig(manager, second, lazily)).toEqual({ ...empty, keep: ['fresh', 'other', 'same'] })
    expect(events.length).toBe(told)
  })

  test('changes nothing when it is only asked what would happen', async () => {
    await using kit = managed()
    const { manager } = kit
    const config = file({ a: { command: 'x' } })
    expect(await applyConfig(manager, config, lazily, { dryRun: true })).toEqual({ ...empty, add: ['a'] })
    expect(manager.listServers()).toEqual([])
  })

  test('does not touch servers of others, nor those of other files', async () => {
    await using kit = managed()
    const { manager } = kit
    await manager.add('mine', { command: 'x' }, { lazy: true })
    await applyConfig(manager, file({ user: { command: 'x' } }, 'user.json'), lazily)
    const plan = await applyConfig(
      manager,
      file({ mine: { command: 'y' }, user: { command: 'y' } }, 'project.json'),
      lazily,
    )
    expect(plan.skipped.map(({ server, reason }) => [server, reason])).toEqual([
      ['mine', 'taken'],
      ['user', 'taken'],
    ])
    expect(await applyConfig(manager, file({}, 'project.json'), lazily)).toEqual(empty)
    expect(manager.listServers().map(({ transport }) => transport)).toEqual(['stdio: x', 'stdio: x'])
  })

  test('does not take a server for its own that was put in the place of one', async () => {
    await using kit = managed()
    const { manager } = kit
    await applyConfig(manager, file({ a: { command: 'x' } }), lazily)
    await manager.remove('a')
    await manager.add('a', { command: 'other' }, { lazy: true })
    expect((await applyConfig(manager, file({}), lazily)).remove).toEqual([])
    expect(manager.serverInfo('a').transport).toBe('stdio: other')
  })

  test('goes on without the servers that miss a variable, are switched off, or are refused', async () => {
    await using kit = managed()
    const { manager } = kit
    const config = file({
      good: { command: 'x', env: { A: '${A}' } },
      poor: { command: 'x', env: { TOKEN: '${TOKEN}' } },
      off: { command: 'x', disabled: true },
      broken: { command: 7 },
      refused: { url: 'https://user:pass@example.com/' },
    })
    const plan = await applyConfig(manager, config, lazily)
    expect(plan.add).toEqual(['good'])
    expect(plan.unresolved).toMatchObject([{ server: 'poor', field: 'env.TOKEN', variable: 'TOKEN' }])
    expect(plan.skipped.map(({ server, reason }) => [server, reason])).toEqual([
      ['broken', 'invalid'],
      ['off', 'disabled'],
      ['refused', 'rejected'],
    ])
    expect(manager.listServers().map(({ name }) => name)).toEqual(['good'])
    expect(JSON.stringify(plan)).not.toContain('pass')
  })

  test('ends a server that misses a variable now, and keeps one whose entry cannot be read', async () => {
    await using kit = managed()
    const { manager } = kit
    await applyConfig(manager, file({ a: { command: 'x' }, b: { command: 'y' } }), lazily)
    const plan = await applyConfig(manager, file({ a: { command: '${NONE}' }, b: { command: [] } }), lazily)
    expect([plan.remove, plan.keep]).toEqual([['a'], ['b']])
    expect(manager.listServers().map(({ name }) => name)).toEqual(['b'])
  })

  test('of a file that is not trusted runs nothing, and ends what ran', async () => {
    await using kit = managed()
    const { manager } = kit
    const config = file({ a: { command: 'x' } })
    expect(await applyConfig(manager, config)).toMatchObject({
      add: [],
      skipped: [{ server: 'a', reason: 'untrusted' }],
    })
    await applyConfig(manager, config, lazily)
    expect((await applyConfig(manager, config, { ...lazily, trusted: false })).remove).toEqual(['a'])
    expect(manager.listServers()).toEqual([])
  })

  test('twice at the same time is applied one after the other', async () => {
    await using kit = managed()
    const { manager } = kit
    const [one, two] = await Promise.all([
      applyConfig(manager, file({ a: { command: 'x' } }), lazily),
      applyConfig(manager, file({ b: { command: 'y' } }), lazily),
    ])
    expect([one.add, two.add, two.remove]).toEqual([['a'], ['b'], ['a']])
  })
})
