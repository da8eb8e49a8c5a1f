// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import { managed } from '../managed.test.kit.ts'
import type { SessionManager } from '../manager.ts'
import { applyConfig } from './apply-config.ts'
import { mergeConfigs, type ParsedConfig, parseConfig } from './parse-config.ts'
import type { Plan } from './plan.ts'
import type { ResolveContext } from './resolve-context.ts'
import type { ServerEntry } from './server-entry.ts'

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

/** A question that is answered when the test says so. */
function question(): {
  inputs: NonNullable<ResolveContext['inputs']>
  asked: Promise<void>
  answer(value: string): void
} {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  const inputs = (): Promise<string> => {
    asked.resolve()
    return answer.promise
  }
  return { inputs, asked: asked.promise, answer: answer.resolve }
}

describe('a server that waits for an answer', () => {
  const config = file({ asking: { command: 'x', env: { T: '${input:t}' } }, plain: { command: 'y' } })

  test('keeps no other one waiting, of its file or of others', async () => {
    await using kit = managed()
    const { manager } = kit
    const { inputs, asked, answer } = question()
    const applied = applyConfig(manager, config, { ...lazily, inputs })
    await asked
    const other = await applyConfig(manager, file({ z: { command: 'z' } }, 'other.json'), lazily)
    expect(other.add).toEqual(['z'])
    expect(manager.listServers().map(({ name }) => name)).toEqual(['plain', 'z'])
    answer('v')
    expect(await applied).toEqual({ ...empty, add: ['asking', 'plain'] })
    expect(manager.listServers().map(({ name }) => name)).toEqual(['plain', 'z', 'asking'])
  })

  test('is given up when its file is applied anew, and goes on as it was where it ran', async () => {
    await using kit = managed()
    const { manager } = kit
    await applyConfig(manager, file({ asking: { command: 'old' } }), lazily)
    const { inputs, asked } = question()
    const signals: (AbortSignal | undefined)[] = []
    const first = applyConfig(manager, config, {
      ...lazily,
      inputs: (id, request) => {
        signals.push(request.signal)
        return inputs(id, request)
      },
    })
    await asked
    const second = applyConfig(manager, config, { ...lazily, inputs: () => 'v' })
    expect(await first).toMatchObject({
      ...{ add: ['plain'], change: [], keep: ['asking'] },
      skipped: [{ server: 'asking', reason: 'unanswered' }],
    })
    expect(signals.map((signal) => signal?.aborted)).toEqual([true])
    expect(await second).toEqual({ ...empty, change: ['asking'], keep: ['plain'] })
  })

  test('is given up when the signal aborts, and only that', async () => {
    await using kit = managed()
    const { manager } = kit
    const { inputs, asked } = question()
    const end = new AbortController()
    const applied = applyConfig(manager, config, { ...lazily, inputs }, { signal: end.signal })
    await asked
    end.abort()
    expect(await applied).toMatchObject({ add: ['plain'], skipped: [{ server: 'asking', reason: 'unanswered' }] })
    let count = 0
    const counted = (): undefined => {
      count++
    }
    const again = await applyConfig(manager, config, { ...lazily, inputs: counted }, { signal: end.signal })
    expect([again.keep, again.skipped.map(({ reason }) => reason), count]).toEqual([['plain'], ['unanswered'], 0])
  })

  test('and was answered is in place before its file is applied anew', async () => {
    await using kit = managed()
    const ending = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const manager: SessionManager = {
      ...kit.manager,
      async remove(name) {
        ending.resolve()
        await ended.promise
        await kit.manager.remove(name)
      },
    }
    await applyConfig(manager, file({ asking: { command: 'old' } }), lazily)
    const first = applyConfig(manager, config, { ...lazily, inputs: () => 'v' })
    await ending.promise
    const second = applyConfig(manager, file({ plain: { command: 'y' } }), lazily)
    ended.resolve()
    expect([(await first).change, (await second).remove]).toEqual([['asking'], ['asking']])
    expect(manager.listServers().map(({ name }) => name)).toEqual(['plain'])
  })

  test('is not put in the place of one that took its name meanwhile, nor is that one ever ended', async () => {
    await using kit = managed()
    const { manager } = kit
    const inputs = (): string => {
      void manager.add('asking', { command: 'mine' }, { lazy: true })
      return 'v'
    }
    const plan = await applyConfig(manager, config, { ...lazily, inputs })
    expect([plan.add, plan.skipped.map(({ reason }) => reason)]).toEqual([['plain'], ['taken']])
    expect((await applyConfig(manager, file({}), lazily)).remove).toEqual(['plain'])
    expect(manager.serverInfo('asking').transport).toBe('stdio: mine')
  })

  test('does not end one that took the place of the one that ran', async () => {
    await using kit = managed()
    const { manager } = kit
    await applyConfig(manager, file({ asking: { command: 'old' } }), lazily)
    const inputs = async (): Promise<string> => {
      await manager.remove('asking')
      void manager.add('asking', { command: 'mine' }, { lazy: true })
      return 'v'
    }
    const plan = await applyConfig(manager, config, { ...lazily, inputs })
    expect(plan.skipped.map(({ reason }) => reason)).toEqual(['taken'])
    expect(manager.serverInfo('asking').transport).toBe('stdio: mine')
  })

  test('is asked about once for each file, with what that file says of it', async () => {
    await using kit = managed()
    const asked: unknown[] = []
    const inputs: ResolveContext['inputs'] = (id, { server, path, input }) => {
      asked.push([id, server, path, input?.description, input?.password])
      return 'v'
    }
    const of = (path: string, description: string, password: boolean): ParsedConfig => {
      const env = { A: '${input:t}', B: '${input:t}' }
      const servers = { [`${path}.1`]: { command: 'x', env }, [`${path}.2`]: { command: 'x', env } }
      return parseConfig(JSON.stringify({ inputs: [{ id: 't', description, password }], servers }), { path })
    }
    const both = mergeConfigs([of('project', 'harmless', false), of('user', 'token', true)])
    await applyConfig(kit.manager, both, { ...lazily, inputs })
    expect(asked).toEqual([
      ['t', 'project.1', 'project', 'harmless', false],
      ['t', 'user.1', 'user', 'token', true],
    ])
  })
})

describe('trust', () => {
  const config = file({ a: { command: 'x' }, b: { command: 'y' } })

  test('is given by nothing but true', async () => {
    for (const answer of [false, undefined, 'yes', 1, {}, Promise.resolve(false), Promise.resolve('yes')]) {
      await using kit = managed()
      // proof: whatever a caller without types may answer
      const trusted = (() => answer) as () => boolean
      expect((await applyConfig(kit.manager, config, { ...lazily, trusted })).skipped).toMatchObject([
        { server: 'a', reason: 'untrusted' },
        { server: 'b', reason: 'untrusted' },
      ])
    }
  })

  test('may take its time, and is asked for with the server', async () => {
    await using kit = managed()
    const trusted = async (_origin: unknown, entry: ServerEntry): Promise<boolean> => entry.name === 'b'
    const plan = await applyConfig(kit.manager, config, { ...lazily, trusted })
    expect([plan.add, plan.skipped.map(({ server }) => server)]).toEqual([['b'], ['a']])
  })

  test('that cannot be asked for is missing for that server alone', async () => {
    await using kit = managed()
    const trusted = (_origin: unknown, entry: ServerEntry): boolean => {
      if (entry.name === 'a') throw new Error('no')
      return true
    }
    const plan = await applyConfig(kit.manager, config, { ...lazily, trusted })
    expect([plan.add, plan.skipped]).toMatchObject([['b'], [{ server: 'a', reason: 'untrusted' }]])
    const later = (_origin: unknown, { name }: ServerEntry): Promise<boolean> =>
      name === 'a' ? Promise.reject(new Error('no')) : Promise.resolve(true)
    const again = await applyConfig(kit.manager, config, { ...lazily, trusted: later })
    expect([again.keep, again.skipped]).toMatchObject([['b'], [{ server: 'a', reason: 'untrusted' }]])
  })
})

test('a typo in the file that counts more ends nothing, and starts nothing else of the name', async () => {
  await using kit = managed()
  const { manager } = kit
  const user = file({ a: { command: 'user' } }, 'user.json')
  const merged = (command: unknown): ParsedConfig => mergeConfigs([file({ a: { command } }, 'project.json'), user])
  await applyConfig(manager, merged('project'), lazily)
  const plan = await applyConfig(manager, merged(5), lazily)
  expect(plan).toMatchObject({ keep: ['a'], remove: [], skipped: [{ server: 'a', reason: 'invalid' }] })
  expect(manager.serverInfo('a').transport).toBe('stdio: project')
  await using fresh = managed()
  expect((await applyConfig(fresh.manager, merged(5), lazily)).add).toEqual([])
})

test('a server that takes long to end keeps no new one waiting', async () => {
  await using kit = managed()
  const ended = Promise.withResolvers<void>()
  const added = Promise.withResolvers<void>()
  let isNew = false
  const manager: SessionManager = {
    ...kit.manager,
    add(...args) {
      if (isNew) added.resolve()
      return kit.manager.add(...args)
    },
    async remove(name) {
      await ended.promise
      await kit.manager.remove(name)
    },
  }
  await applyConfig(manager, file({ old: { command: 'x' } }), lazily)
  isNew = true
  const applied = applyConfig(manager, file({ new: { command: 'y' } }), lazily)
  await added.promise
  expect(manager.listServers().map(({ name }) => name)).toEqual(['old', 'new'])
  ended.resolve()
  expect(await applied).toEqual({ ...empty, add: ['new'], remove: ['old'] })
})
