#!/usr/bin/env bun
import { join } from 'node:path'
import { serversJsonSchema } from '../tests/manager/config/servers-schema.ts'
import { root, tool } from './lib/commands.ts'
import { say } from './lib/console.ts'
import { run } from './lib/run.ts'

const path = join(root, 'packages/client/schema/servers.schema.json')
const schema = serversJsonSchema()
const file = Bun.file(path)
// the formatter lays it out in its own way
const isCurrent = (await file.exists()) && JSON.stringify(await file.json()) === JSON.stringify(JSON.parse(schema))

if (process.argv.includes('--write')) {
  await Bun.write(path, schema)
  await run(tool('biome', 'format', '--write', path), { cwd: root, capture: true })
  say(isCurrent ? 'the schema was up to date' : `wrote ${path}`)
} else {
  say(isCurrent ? 'the schema is up to date' : 'the schema is out of date: run bun scripts/config-schema.ts --write')
  process.exitCode = isCurrent ? 0 : 1
}
