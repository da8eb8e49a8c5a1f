#!/usr/bin/env bun
// Writes the jsr.json of each package from its package.json. `bun run release:version` does this after it sets versions.
import { join } from 'node:path'
import { root, tool } from './lib/commands.ts'
import { must } from './lib/must.ts'
import { published } from './lib/pack.ts'
import { jsrManifest } from './lib/release-jsr.ts'

for (const name of published) {
  const folder = join(root, 'packages', name)
  await Bun.write(join(folder, 'jsr.json'), JSON.stringify(await jsrManifest(folder)))
}
await must(tool('biome', 'format', '--write', ...published.map((name) => `packages/${name}/jsr.json`)), root)
