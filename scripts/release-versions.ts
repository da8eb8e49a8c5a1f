#!/usr/bin/env bun
// Writes versions into the sources that tell them. `bun run release:version` does this after it sets those of packages.
import { join } from 'node:path'
import { root } from './lib/commands.ts'
import { withVersions } from './lib/release-versions.ts'

for (const { file, text } of await withVersions(root)) await Bun.write(join(root, file), text)
