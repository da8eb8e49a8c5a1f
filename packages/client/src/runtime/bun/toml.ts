import type { ReadToml } from '../config-types.ts'

/** A text of more lines is not searched for the one at fault. */
const MAX_SEARCHED_LINES = 1_000

/** Reads TOML with what the runtime brings. */
export function parseToml(text: string): ReadToml {
  try {
    return { kind: 'value', value: Bun.TOML.parse(text) }
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).replace(/^TOML Parse error: /, '')
    return { kind: 'fault', message: withoutExcerpt(message), line: faultyLine(text) }
  }
}

/** Up to what is quoted and longer than a character: it comes from the file, and may be a secret. */
function withoutExcerpt(message: string): string {
  const [kept = ''] = /^[^"'`]*(?:(["'`]).\1[^"'`]*)*/s.exec(message) ?? []
  return kept.replace(/[\s:]+$/, '').slice(0, 200)
}

/** The first line behind the longest beginning that can be read: the parser does not say where it stopped. */
function faultyLine(text: string): number | undefined {
  const lines = text.split('\n')
  if (lines.length > MAX_SEARCHED_LINES) return undefined
  for (let count = lines.length - 1; count > 0; count--) {
    if (isToml(lines.slice(0, count).join('\n'))) return firstFilled(lines, count)
  }
  return firstFilled(lines, 0)
}

function firstFilled(lines: readonly string[], from: number): number {
  const found = lines.findIndex((line, index) => index >= from && line.trim() !== '')
  return (found < 0 ? from : found) + 1
}

function isToml(text: string): boolean {
  try {
    Bun.TOML.parse(text)
    return true
  } catch {
    // that it fails is the answer
    return false
  }
}
