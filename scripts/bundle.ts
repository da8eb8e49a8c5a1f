#!/usr/bin/env bun
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleApp } from './lib/bundle-app.ts'
import { build, root } from './lib/commands.ts'
import { say } from './lib/console.ts'
import { findFiles } from './lib/files.ts'
import { must } from './lib/must.ts'

// bun run bundle [app ...] [--out <folder>]: an MCPB bundle and a server.json for each app that has a bundle.json.
const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } })
const apps = findFiles(['apps/*/bundle.json']).map((path) => path.split('/')[1] ?? '')
const unknown = positionals.find((app) => !apps.includes(app))
if (unknown !== undefined) throw new Error(`apps/${unknown}/bundle.json does not exist; there is ${apps.join(', ')}`)

await must(build, root)
for (const app of positionals.length > 0 ? positionals : apps) {
  const into = values.out === undefined ? join(root, 'apps', app, 'dist') : resolve(values.out, app)
  const { bundle, serverJson } = await bundleApp({ app, into })
  for (const path of [bundle, serverJson]) say(`${relative(process.cwd(), path)}  ${Bun.file(path).size} bytes`)
}
