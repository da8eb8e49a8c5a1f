#!/usr/bin/env bun
// release-bundles.ts <folder> --target <commit>: publishes what `bun run bundle --out <folder>` made, each bundle once.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { say } from './lib/console.ts'
import { publishBundles } from './lib/release-bundles.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { target: { type: 'string' } } })
const [folder] = positionals
if (folder === undefined || values.target === undefined) throw new Error('a folder and --target <commit> are needed')
for (const { tag, kind } of await publishBundles({ folder: resolve(folder), target: values.target })) {
  say(`${tag}  ${kind}`)
}
