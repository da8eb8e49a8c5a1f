import { join } from 'node:path'
import type { Packed } from '../../scripts/lib/pack.ts'

/** What a user's bundler leaves out: the packages of others, and what the runtime itself brings. */
const external = ['zod', 'zod/*', 'jose', 'yaml', 'jsonc-parser', 'smol-toml', 'node:*', 'bun', 'bun:*']

/** Bytes of all of a door's own code, minified, and of all that it loads at once or on use, without the other packages. */
export async function doorSizes({ manifest, unpacked }: Packed): Promise<Record<string, number>> {
  const doors = Object.entries(manifest.exports).flatMap(([door, target]) =>
    typeof target === 'string' ? [] : [[manifest.name + door.slice(1), target.default ?? ''] as const],
  )
  const sizes = await Promise.all(
    doors.map(async ([door, file]) => [door, await bundledSize(join(unpacked, file))] as const),
  )
  return Object.fromEntries(sizes)
}

async function bundledSize(entry: string): Promise<number> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: 'node',
    minify: true,
    external: [...external, '@bao-mcp/*', '@cfworker/json-schema'],
  })
  return outputs.reduce((sum, { size }) => sum + size, 0)
}
