// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bearer } from '../../auth/authorizer.ts'
import { parseConfig } from './parse-config.ts'
import type { ResolveContext } from './resolve-context.ts'
import { type Resolution, resolveServer } from './resolve-server.ts'

/** What becomes of one server of a project's file. */
function resolve(raw: unknown, context: ResolveContext = {}, path = '/project/.mcp.json'): Promise<Resolution> {
  const { servers, problems } = parseConfig(JSON.stringify({ mcpServers: { s: raw } }), { path })
  const [entry] = servers
  if (entry === undefined) throw new Error(problems[0]?.message ?? 'no server')
  return resolveServer(entry, { trusted: true, env: { A: 'apple', EMPTY: '', REF: '${A}' }, ...context })
}

async function args(written: readonly string[], context: ResolveContext = {}): Promise<unknown> {
  const resolution = await resolve({ command: 'x', args: written }, context)
  if (resolution.kind !== 'resolved') return resolution
  return 'args' in resolution.config ? resolution.config.args : undefined
}

async function missing(raw: unknown, context: ResolveContext = {}, path?: string): Promise<unknown> {
  const resolution = await resolve(raw, context, path)
  return resolution.kind === 'unresolved' ? resolution.unresolved : resolution.kind
}

describe('a variable', () => {
  test.each([
    ['${A}', 'apple'],
    ['<${A}${A}>', '<appleapple>'],
    ['${env:A}', 'apple'],
    ['{env:A}', 'apple'],
    ['$env:A', 'apple'],
    ['${A:-pear}', 'apple'],
    ['${B:-pear}', 'pear'],
    ['${B:-}', ''],
    ['${B:-a:-b}', 'a:-b'],
    ['${EMPTY:-pear}', ''],
    ['${workspaceFolder}/x', '/work/space/x'],
    ['${workspaceFolderBasename}', 'space'],
    ['${userHome}', '/home/me'],
    ['${__dirname}', '/project'],
    ['${pathSeparator}', '/'],
    ['${input:key}', 'answer to key'],
    ['${user_config.port}', '8080'],
    ['$${A} and $$env:A', '${A} and $env:A'],
    ['$A {A} $(A) %A%', '$A {A} $(A) %A%'],
    ['${REF}', '${A}'],
    ['} $env:A $$env:A ${A', '} apple $env:A ${A'],
  ])('%s becomes %s', async (written, expected) => {
    const context: ResolveContext = {
      workspaceFolder: '/work/space',
      userHome: '/home/me',
      inputs: async (id) => `answer to ${id}`,
      userConfig: { port: 8080 },
    }
    expect(await args([written], context)).toEqual([expected])
  })

  test('that is a list becomes several arguments where it stands alone', async () => {
    const userConfig = { folders: ['/a', '/b'] }
    expect(await args(['-d', '${user_config.folders}', 'x${user_config.folders}'], { userConfig })).toEqual([
      ...['-d', '/a', '/b', 'x/a,/b'],
    ])
  })

  test('there is none of is reported with its field, all of them at once', async () => {
    const raw = { command: '${C}', args: ['a', '${env:D}'], env: { TOKEN: '${input:t}' }, cwd: '${workspaceFolder}' }
    expect(await missing(raw)).toMatchObject([
      {
        field: 'command',
        variable: 'C',
        message: 'the server "s" cannot be started: command needs the variable C, which is not set',
      },
      { field: 'args.1', variable: 'D' },
      { field: 'cwd', variable: 'workspaceFolder' },
      { field: 'env.TOKEN', variable: 't' },
    ])
  })

  test.each(['${command:x}', '${A:-${B}}', '${A%.*}', '{file:/etc/passwd}', '${}'])(
    '%s is not understood, and named instead of left as it is',
    async (written) => {
      expect(await missing({ command: 'x', args: [written] })).toMatchObject([{ field: 'args.0' }])
    },
  )

  test('of a name every object has is not set', async () => {
    expect(await missing({ command: '${constructor}' }, { userConfig: {} })).toMatchObject([
      { variable: 'constructor' },
    ])
    expect(await missing({ command: '${user_config.toString}' }, { userConfig: {} })).toMatchObject([
      { variable: 'toString' },
    ])
  })

  test('that several fields need is reported once, with all of them', async () => {
    const raw = { command: 'x', args: ['${A}', '${C}/1', '${C}/2'], cwd: '${C}', env: { E: '${D}' } }
    expect(await missing(raw)).toMatchObject([
      {
        ...{ field: 'args.1', fields: ['args.1', 'args.2', 'cwd'], variable: 'C' },
        message: 'the server "s" cannot be started: args.1 needs the variable C, which is not set (also args.2, cwd)',
      },
      { fields: ['env.E'] },
    ])
  })

  test.each([
    ['${TOKEN-hunter2}', 'TOKEN', '${TOKEN…}'],
    ['${TOKEN:=hunter2}', 'TOKEN', '${TOKEN…}'],
    ['${env:TOKEN?hunter2}', 'TOKEN', '${env:TOKEN…}'],
    ['${TOKEN:-${hunter2}', 'TOKEN', '${TOKEN…}'],
    ['{file:hunter2}', 'hunter2', '{file…}'],
    ['${hunter2=}', 'hunter2', '${hunter2…}'],
    ['${input:TOKEN:-hunter2}', 'TOKEN', '"TOKEN"'],
    ['${2hunter2}', undefined, '${…}'],
  ])('%s is named up to where its name ends', async (written, variable, shown) => {
    const resolution = await resolve({ command: 'x', args: [written] })
    const [one] = resolution.kind === 'unresolved' ? resolution.unresolved : []
    expect([one?.variable, one?.message]).toEqual([variable, expect.stringContaining(shown)])
    expect(one?.message.replace(shown, '')).not.toContain('hunter2')
  })

  test('for the folder of a project is known from where the file of VS Code is', async () => {
    const file = '/work/space/.vscode/mcp.json'
    const raw = { command: '${workspaceFolder}/x', args: ['${workspaceFolder:space}'], cwd: 'sub' }
    expect(await resolve(raw, {}, file)).toMatchObject({
      config: { command: '/work/space/x', args: ['/work/space'], cwd: '/work/space/sub' },
    })
    expect(await resolve(raw, { workspaceFolder: '/other/space' }, file)).toMatchObject({
      config: { command: '/other/space/x' },
    })
    expect(await resolve({ command: '${workspaceFolder}/x' }, {}, 'here/.vscode/mcp.json')).toMatchObject({
      config: { command: join(process.cwd(), 'here/x') },
    })
    expect(await missing({ command: '${workspaceFolder:other}' }, {}, file)).toMatchObject([
      { variable: 'workspaceFolder:other', message: expect.stringContaining('which is not known here') },
    ])
  })

  test('that somebody refuses to give concerns this server alone, without its reason', async () => {
    const inputs = (): never => {
      throw new Error('secret reason')
    }
    const unresolved = await missing({ command: '${input:x}' }, { inputs })
    expect(unresolved).toMatchObject([{ field: 'command' }])
    expect(JSON.stringify(unresolved)).not.toContain('secret')
  })
})

describe('a server', () => {
  test('of a file that is not trusted is not looked into', async () => {
    const asked: string[] = []
    const inputs = (id: string): string => {
      asked.push(id)
      return id
    }
    const raw = { command: '${input:x}' }
    expect((await resolve(raw, { trusted: false, inputs })).kind).toBe('untrusted')
    expect((await resolve(raw, { trusted: ({ path }) => path.startsWith('/mine/'), inputs })).kind).toBe('untrusted')
    expect(asked).toEqual([])
    expect((await resolve(raw, { trusted: ({ path }) => path.startsWith('/project/'), inputs })).kind).toBe('resolved')
  })

  test('is trusted by nobody unless told', async () => {
    const [entry] = parseConfig('{"mcpServers":{"a":{"command":"x"}}}').servers
    if (entry === undefined) throw new Error('no entry')
    expect((await resolveServer(entry)).kind).toBe('untrusted')
  })

  test('gets variables of a file, and those written beside it over them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bao-config-'))
    try {
      writeFileSync(join(folder, '.env'), 'A=1\nB="two words"\n')
      const raw = { command: 'x', envFile: '.env', env: { A: '3', GONE: null }, cwd: 'sub' }
      const resolution = await resolve(raw, { workspaceFolder: folder })
      expect(resolution).toMatchObject({
        config: { env: { A: '3', B: 'two words', GONE: undefined }, cwd: `${folder}/sub` },
      })
      expect(await missing({ command: 'x', envFile: 'none' }, { workspaceFolder: folder })).toMatchObject([
        { field: 'envFile', message: 'the server "s" cannot be started: envFile names "none", which cannot be read' },
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('finds its folder and its file of variables where an absolute path says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bao-config-'))
    try {
      writeFileSync(join(folder, '.env'), 'B=2\n')
      const raw = { command: 'x', envFile: join(folder, '.env'), cwd: folder }
      expect(await resolve(raw, { workspaceFolder: '/elsewhere' })).toMatchObject({
        config: { env: { B: '2' }, cwd: folder },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('may be trusted later, and is not waited for past its signal', async () => {
    expect((await resolve({ command: 'x' }, { trusted: async () => true })).kind).toBe('resolved')
    expect((await resolve({ command: 'x' }, { trusted: async () => false })).kind).toBe('untrusted')
    const [entry] = parseConfig('{"mcpServers":{"a":{"command":"${input:x}"}}}').servers
    if (entry === undefined) throw new Error('no entry')
    const end = new AbortController()
    const inputs = (): Promise<string> => new Promise(() => end.abort(new Error('over')))
    await expect(resolveServer(entry, { trusted: true, inputs }, { signal: end.signal })).rejects.toThrow('over')
  })

  test('tells whoever is asked what its file says of the input', async () => {
    const text = JSON.stringify({
      inputs: [{ id: 'x', type: 'pickString', default: 'b', options: ['a', { label: 'Bee', value: 'b' }, 7] }],
      servers: { s: { command: '${input:x}' } },
    })
    const { servers, inputs } = parseConfig(text, { path: 'p.json' })
    const [entry] = servers
    if (entry === undefined) throw new Error('no entry')
    const asked: unknown[] = []
    const ask: ResolveContext['inputs'] = (id, { input }) => {
      asked.push(id, input)
      return 'v'
    }
    await resolveServer(entry, { trusted: true, inputs: ask }, { inputs })
    const options = [
      { value: 'a', label: 'a' },
      { value: 'b', label: 'Bee' },
    ]
    expect(asked).toEqual(['x', { path: 'p.json', id: 'x', password: false, default: 'b', options }])
  })

  test('under a URL gets its login from outside, unless it has none', async () => {
    const asked: unknown[] = []
    const auth: ResolveContext['auth'] = ({ name, url, oauth }) => {
      asked.push([name, url, oauth])
      return bearer('t')
    }
    const oauth = { clientId: '${A}', scopes: 'one two' }
    const resolution = await resolve({ url: 'https://x/${A}', oauth, headers: { X: '${A}' } }, { auth })
    expect(resolution).toMatchObject({ config: { type: 'http', url: 'https://x/apple', headers: { X: 'apple' } } })
    expect(resolution.kind === 'resolved' && 'auth' in resolution.config).toBe(true)
    expect(asked).toEqual([['s', 'https://x/apple', { clientId: 'apple', scopes: ['one', 'two'] }]])
    await resolve({ url: 'https://x', oauth: false }, { auth })
    expect(asked).toHaveLength(1)
  })

  test('whose URL is none is reported as it is written', async () => {
    const unresolved = await missing({ url: '${A}' })
    expect(unresolved).toMatchObject([{ field: 'url' }])
    expect(JSON.stringify(unresolved)).toContain('${A}')
    expect(JSON.stringify(unresolved)).not.toContain('apple')
  })

  test.each(['htp://x/?key=hunter2', 'htp://hunter2@x/#hunter2', 'me:hunter2@x', 'hunter2@x', '${B:-hunter2}'])(
    'whose URL is %s is reported without what may be a secret',
    async (url) => {
      const unresolved = await missing({ url })
      expect(unresolved).toMatchObject([{ field: 'url' }])
      expect(JSON.stringify(unresolved)).not.toContain('hunter2')
    },
  )

  test('is treated as its file says, and as its host says over that', async () => {
    const raw = { command: 'x', timeout: 5000, enabledTools: ['a'], required: true }
    expect(await resolve(raw, { options: () => ({ lazy: true, timeoutMs: 7 }) })).toMatchObject({
      config: { timeoutMs: 7, lazy: true, allow: ['a'] },
      options: { required: true },
    })
  })
})
