import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Source files of everything that can be imported, with the name it is imported by. */
export function entries() {
  const found = new Map()
  for (const folder of ['protocol', 'client', 'server']) {
    const root = resolve(import.meta.dirname, '../packages', folder)
    const { name, exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))
    for (const [entry, { bun }] of Object.entries(exports)) {
      if (bun !== undefined) found.set(resolve(root, bun), name + entry.slice(1))
    }
  }
  return found
}
