import { join } from 'node:path'

/** Where a block goes in a prelude. */
const PLACE = '// the block\n'

let read: Promise<Map<string, string>> | undefined

/**
 * A block with its prelude around it, and how many lines stand before it.
 *
 * @throws {Error} when there is no prelude of that name
 */
export async function inPrelude(
  name: string | undefined,
  code: string,
): Promise<{ readonly text: string; readonly linesBefore: number }> {
  if (name === undefined) return { text: code, linesBefore: 0 }
  read ??= readPreludes()
  const prelude = (await read).get(name)
  if (prelude === undefined) throw new Error(`preludes.md has no prelude "${name}"`)
  const at = prelude.indexOf(PLACE)
  if (at < 0) throw new Error(`the prelude "${name}" has no line "${PLACE.trim()}"`)
  const imports = /^(?:import\b[^\n]*\n)*/.exec(code)?.[0] ?? ''
  // as many lines stay where they were, so that lines can still be counted
  const rest = imports.replaceAll(/[^\n]/g, '') + code.slice(imports.length)
  const before = `${imports}${prelude.slice(0, at)}`
  return { text: before + rest + prelude.slice(at + PLACE.length), linesBefore: before.split('\n').length - 1 }
}

async function readPreludes(): Promise<Map<string, string>> {
  const text = await Bun.file(join(import.meta.dir, 'preludes.md')).text()
  const found = text.matchAll(/^## ([\w-]+)$[^`]*^```ts\n([\s\S]*?)^```$/gm)
  return new Map([...found].map(([, name = '', code = '']) => [name, code]))
}
