import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { run } from '../../scripts/lib/run.ts'
import { nodes } from './consumer.ts'

/** Keeps releases as folders, and how each was made. */
const gh = `#!/bin/sh
[ "$1" = release ] || exit 2
release="$RELEASES/$3"
case "$2" in
  view) [ -d "$release" ] ;;
  download) [ "$4 $5 $6" = '--pattern server.json --dir' ] && cp "$release/server.json" "$7" ;;
  create)
    mkdir "$release" && shift 3 && cp "$1" "$2" "$release" && shift 2 && printf '%s\\n' "$@" >"$release/words" ;;
  *) exit 2 ;;
esac
`

let folder: string
let bundles: string
let releases: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bao-release-bundles-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(async () => {
  const own = mkdtempSync(join(folder, 'case-'))
  bundles = join(own, 'bundles')
  releases = join(own, 'releases')
  mkdirSync(releases)
  await Bun.write(join(folder, 'bin/gh'), gh)
  chmodSync(join(folder, 'bin/gh'), 0o755)
  await bundle('a', 'first')
  await bundle('b', 'first')
})

async function bundle(name: string, digest: string): Promise<void> {
  const server = { name: `com.example/${name}`, version: '1.2.0', packages: [{ fileSha256: digest }] }
  await Bun.write(join(bundles, name, 'server.json'), JSON.stringify(server))
  await Bun.write(join(bundles, name, `${name}-1.2.0.mcpb`), digest)
}

const everyone = [{ name: 'bun', binary: process.execPath, missing: false }, ...nodes.slice(-1)]

describe.each(everyone)('scripts/release-bundles.ts under $name', ({ binary, missing }) => {
  const publish = (): Promise<{ code: number | undefined; output: string }> =>
    run([binary, join(root, 'scripts/release-bundles.ts'), bundles, '--target', 'abc123'], {
      capture: true,
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, RELEASES: releases },
      limitMs: 30_000,
    })

  test.skipIf(missing)('makes a release of each bundle at the given commit', async () => {
    expect(await publish()).toMatchObject({ code: 0, output: 'a@1.2.0  published\nb@1.2.0  published\n' })
    expect(readdirSync(join(releases, 'a@1.2.0')).sort()).toEqual(['a-1.2.0.mcpb', 'server.json', 'words'])
    expect(readFileSync(join(releases, 'b@1.2.0/words'), 'utf8')).toStartWith('--target\nabc123\n--title\nb@1.2.0\n')
  })

  test.skipIf(missing)('leaves what is published, and goes on where it stopped', async () => {
    await publish()
    rmSync(join(releases, 'b@1.2.0'), { recursive: true })
    expect(await publish()).toMatchObject({ code: 0, output: 'a@1.2.0  already there\nb@1.2.0  published\n' })
  })

  test.skipIf(missing)('fails when what is published under that version is something else', async () => {
    await publish()
    await bundle('a', 'second')
    const { code, output } = await publish()
    expect(code).toBe(1)
    expect(output).toContain('a@1.2.0 is published with the digest first and would now have second')
    expect(readFileSync(join(releases, 'a@1.2.0/a-1.2.0.mcpb'), 'utf8')).toBe('first')
  })

  test.skipIf(missing)('fails for a folder that holds no bundle', async () => {
    await Bun.write(join(bundles, 'c/server.json'), '{}')
    const { code, output } = await publish()
    expect(code).toBe(1)
    expect(output).toContain('does not give a name, a version and the digest')
    expect(existsSync(join(releases, 'c@1.2.0'))).toBe(false)
  })
})
