#!/usr/bin/env bun
// Writes the client's version into what it tells servers. `bun run release:version` does this after it sets versions.
import { join } from 'node:path'
import { root } from './lib/commands.ts'

const file = join(root, 'packages/client/src/connect.ts')
const { version } = await Bun.file(join(root, 'packages/client/package.json')).json()
const source = await Bun.file(file).text()
const literal = /(DEFAULT_CLIENT_INFO: Implementation = \{ name: '@bao-mcp\/client', version: ')[^']+'/
if (!literal.test(source)) throw new Error(`${file} does not tell servers a version any more`)
await Bun.write(file, source.replace(literal, `$1${version}'`))
