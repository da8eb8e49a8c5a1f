#!/usr/bin/env bun
// Measures what tests/packaging/budgets.json limits, prints it beside the limits, and writes new ones with --write.
import { join } from 'node:path'
import { bunConsumer } from '../tests/packaging/consumer.ts'
import { doorSizes } from '../tests/packaging/door-sizes.ts'
import { typeCost } from '../tests/packaging/type-cost.ts'
import { root, tool } from './lib/commands.ts'
import { say } from './lib/console.ts'
import { must } from './lib/must.ts'

/** Room for growth that needs no thought. */
const ROOM = 1.15

const file = join(root, 'tests/packaging/budgets.json')
const consumer = await bunConsumer()

const doors: Record<string, { bytes: number; limit: number }> = {}
for (const each of consumer.set.packages) {
  for (const [door, bytes] of Object.entries(await doorSizes(each))) {
    doors[door] = { bytes, limit: Math.floor(bytes * ROOM) }
    say(`${door.padEnd(28)} ${bytes} bytes`)
  }
}

const types: { tools: number; instantiations: number; limit: number }[] = []
for (const tools of [0, 10, 50, 200]) {
  const instantiations = await typeCost(consumer, tools)
  types.push({ tools, instantiations, limit: Math.floor(instantiations * ROOM) })
  say(`${String(tools).padStart(3)} tools${' '.repeat(20)} ${instantiations} instantiations`)
}

if (process.argv.includes('--write')) {
  await Bun.write(file, JSON.stringify({ doors, types }))
  await must(tool('biome', 'format', '--write', file), root)
}
