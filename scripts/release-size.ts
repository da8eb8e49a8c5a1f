#!/usr/bin/env bun
// What an installation weighs, beside the official SDK's: packages and bytes in node_modules after `npm install`.
// npm takes from its cache what is there and asks the registry for the rest; nothing runs and nothing else is asked.
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duration, say } from './lib/console.ts'
import { must } from './lib/must.ts'
import { packAll } from './lib/pack.ts'

const settings = { npm_config_prefer_offline: 'true', npm_config_ignore_scripts: 'true', npm_config_audit: 'false' }

using set = await packAll()
const folder = mkdtempSync(join(tmpdir(), 'bao-size-'))
try {
  const [protocol = '', client = '', server = ''] = set.packages.map(({ tarball }) => tarball)
  const { catalog } = (await Bun.file(join(import.meta.dirname, '../package.json')).json()).workspaces
  const official = (name: string): string => `${name}@${catalog[name]}`
  const wanted: readonly (readonly [what: string, packages: readonly string[]])[] = [
    ['bao, client', [protocol, client]],
    ['bao, server with zod', [protocol, server, 'zod']],
    ['bao, both with zod', [protocol, client, server, 'zod']],
    ['official SDK 2, client', [official('@modelcontextprotocol/client')]],
    ['official SDK 2, server with zod', [official('@modelcontextprotocol/server'), 'zod']],
    [
      'official SDK 2, both with zod',
      ['client', 'server'].map((part) => official(`@modelcontextprotocol/${part}`)).concat('zod'),
    ],
    ['official SDK 1, with zod', [official('@modelcontextprotocol/sdk'), 'zod']],
  ]
  say(`${'what is installed'.padEnd(34)}packages      MB`)
  for (const [what, packages] of wanted) {
    const started = performance.now()
    const project = mkdtempSync(join(folder, 'project-'))
    await Bun.write(join(project, 'package.json'), '{ "private": true }')
    await must(['npm', 'install', ...packages], project, { env: settings })
    const { count, bytes } = weigh(join(project, 'node_modules'))
    const seconds = duration((performance.now() - started) / 1000)
    say(`${what.padEnd(34)}${String(count).padStart(8)}${(bytes / 1e6).toFixed(1).padStart(8)}   (${seconds})`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Weight {
  count: number
  bytes: number
}

/** Packages and bytes of their files below one folder `node_modules`. */
function weigh(modules: string): Weight {
  const total: Weight = { count: 0, bytes: 0 }
  for (const name of readdirSync(modules)) {
    if (name.startsWith('.')) continue
    const path = join(modules, name)
    const { count, bytes } = name.startsWith('@') ? weigh(path) : { count: 1, bytes: bytesIn(path) }
    total.count += count + (name.startsWith('@') ? 0 : nestedIn(path))
    total.bytes += bytes
  }
  return total
}

function nestedIn(path: string): number {
  const patterns = ['**/node_modules/*/package.json', '**/node_modules/@*/*/package.json']
  return patterns.reduce((sum, pattern) => sum + [...new Bun.Glob(pattern).scanSync({ cwd: path })].length, 0)
}

function bytesIn(path: string): number {
  if (!lstatSync(path).isDirectory()) return lstatSync(path).size
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}
