import { expect, test } from 'bun:test'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { followHere, startOAuthWorld } from '../../packages/client/test/oauth-kit.ts'

/** A folder with a program `xdg-open` that leaves its arguments in a file; dies with its block. */
async function fakeDesktop(exitCode: number) {
  const root = await mkdtemp(join(tmpdir(), 'bao-desktop-'))
  const opener = join(root, 'xdg-open')
  await writeFile(
    opener,
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${root}/opened.tmp"\nmv "${root}/opened.tmp" "${root}/opened"\nexit ${exitCode}\n`,
  )
  await chmod(opener, 0o755)
  return {
    root,
    env: { DISPLAY: ':0', PATH: [root, process.env.PATH].join(delimiter) },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** The client of the fixture in this environment; is killed with its block. */
function startPerson(endpoint: URL, env: Record<string, string | undefined>) {
  const command = [process.execPath, join(import.meta.dir, 'fixtures', 'person.ts'), endpoint.href]
  const { DISPLAY: _, WAYLAND_DISPLAY: __, WSL_DISTRO_NAME: ___, ...plain } = process.env
  const child = Bun.spawn(command, { env: { ...plain, ...env }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  return {
    child,
    /** The URL that a person can read on stderr. */
    async printed(): Promise<URL> {
      let text = ''
      for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
        text += chunk
        const [url] = /^https?:\/\/\S+(?=\n)/m.exec(text) ?? []
        if (url !== undefined) return new URL(url)
      }
      throw new Error(`no URL was printed: ${text}`)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

test('a person without a desktop reads the URL on stderr and logs in elsewhere', async () => {
  await using world = startOAuthWorld()
  await using person = startPerson(world.server.mcp, {})
  const page = await fetch(await followHere(await person.printed(), {}))
  expect(await page.text()).toContain('You can close this window')
  expect(await new Response(person.child.stdout).text()).toBe('200\n')
}, 20_000)

test('a person whose browser cannot be opened reads the URL as well', async () => {
  await using world = startOAuthWorld()
  await using desktop = await fakeDesktop(3)
  await using person = startPerson(world.server.mcp, desktop.env)
  await fetch(await followHere(await person.printed(), {}))
  expect(await new Response(person.child.stdout).text()).toBe('200\n')
}, 20_000)

test('the opener gets the URL as its only argument, and no shell reads it [MCP-289]', async () => {
  await using world = startOAuthWorld()
  await using desktop = await fakeDesktop(0)
  const trap = `$(touch$IFS${desktop.root}/trapped)`
  const { login } = world
  login.metadata.authorization_endpoint = `${login.url}/authorize?a=${trap};touch$IFS\${9}trapped|x&b='"`
  await using person = startPerson(world.server.mcp, desktop.env)
  let opened = ''
  while (opened === '') opened = await readFile(join(desktop.root, 'opened'), 'utf8').catch(() => '')
  const [url = '', ...more] = opened.trimEnd().split('\n')
  expect(more).toEqual([])
  expect(new URL(url).searchParams.get('a')).toContain('touch')
  await fetch(await followHere(new URL(url), {}))
  expect(await new Response(person.child.stdout).text()).toBe('200\n')
  expect((await readdir(desktop.root)).sort()).toEqual(['opened', 'xdg-open'])
}, 20_000)
