import { isJsonObject } from '@bao-mcp/protocol/engine'
import { shownName, shownPair, shownValue } from './pin-text.ts'
import { stableText } from './stable-text.ts'

/** Lines that are told of one tool. */
export const MAX_DIFF_LINES = 24
/** Levels of a schema that are compared piece by piece; what is deeper is compared as one. */
const MAX_DEPTH = 12

/** What differs between two definitions of a tool. */
export interface Diff {
  /** One line a change, fit for a terminal: `~` something is different, `+` came, `-` went. Quotes what the server says. */
  readonly lines: readonly string[]
  /** Changes past the limits. */
  readonly more: number
}

/**
 * Compares two definitions; undefined stands for none. The work grows linearly with their sizes.
 * @param maxCharacters that all lines together may have
 */
export function diffDefinitions(before: unknown, after: unknown, maxCharacters: number): Diff {
  const lines: string[] = []
  let left = maxCharacters
  let more = 0

  function say(line: () => string): void {
    if (lines.length >= MAX_DIFF_LINES || left <= 0) return void more++
    const text = line()
    left -= text.length
    if (left < 0) more++
    else lines.push(text)
  }

  function compare(label: string, key: string, a: unknown, b: unknown, depth: number): void {
    if (a === b) return
    if (a === undefined) return say(() => `+ ${label}: ${shownValue(b)}`)
    if (b === undefined) return say(() => `- ${label}: ${shownValue(a)}`)
    if (depth >= MAX_DEPTH) {
      if (stableText(a) !== stableText(b)) say(() => `~ ${label}: ${shownPair(a, b).join(' -> ')}`)
    } else if (isJsonObject(a) && isJsonObject(b)) {
      for (const one of keysOf(a, b)) {
        compare(`${label}.${shownName(one)}`, one, own(a, one), own(b, one), depth + 1)
      }
    } else if (Array.isArray(a) && Array.isArray(b)) {
      if ((key === 'required' || key === 'enum') && isTexts(a) && isTexts(b)) return members(label, a, b)
      for (let index = 0; index < Math.max(a.length, b.length); index++) {
        compare(`${label}[${index}]`, '', a[index], b[index], depth + 1)
      }
    } else say(() => `~ ${label}: ${shownPair(a, b).join(' -> ')}`)
  }

  function members(label: string, a: readonly string[], b: readonly string[]): void {
    const [old, fresh] = [new Set(a), new Set(b)]
    for (const one of fresh) if (!old.has(one)) say(() => `+ ${label} ${shownName(one)}`)
    for (const one of old) if (!fresh.has(one)) say(() => `- ${label} ${shownName(one)}`)
  }

  /** @param names how its properties and the schema itself are called */
  function schema(names: { property: string; required: string; whole: string }, a: unknown, b: unknown): void {
    if (!isJsonObject(b ?? {}) || !isJsonObject(a ?? {})) return compare(names.whole, '', a, b, 0)
    const [old, fresh] = [isJsonObject(a) ? a : {}, isJsonObject(b) ? b : {}]
    for (const key of keysOf(old, fresh)) {
      const [x, y] = [own(old, key), own(fresh, key)]
      if (key === 'properties' && isJsonObject(x ?? {}) && isJsonObject(y ?? {})) {
        const [xs, ys] = [isJsonObject(x) ? x : {}, isJsonObject(y) ? y : {}]
        for (const one of keysOf(xs, ys)) {
          compare(`${names.property} ${shownName(one)}`, one, own(xs, one), own(ys, one), 1)
        }
      } else if ((key === 'required' || key === 'enum') && isTexts(x ?? []) && isTexts(y ?? [])) {
        members(names.required, isTexts(x) ? x : [], isTexts(y) ? y : [])
      } else compare(`${names.whole}.${shownName(key)}`, key, x, y, 1)
    }
  }

  if (isJsonObject(before ?? {}) && isJsonObject(after)) {
    const old = isJsonObject(before) ? before : {}
    compare('title', '', old.title, after.title, 0)
    compare('description', '', old.description, after.description, 0)
    schema(INPUT, old.inputSchema, after.inputSchema)
    schema(OUTPUT, old.outputSchema, after.outputSchema)
    compare('annotations', '', old.annotations, after.annotations, 0)
  } else compare('definitions', '', before, after, 0)
  if (lines.length + more === 0) say(() => '~ the order of a list')
  return { lines, more }
}

const INPUT = { property: 'parameter', required: 'required', whole: 'input' }
const OUTPUT = { property: 'output', required: 'output required', whole: 'output schema' }

function* keysOf(a: object, b: object): Iterable<string> {
  yield* Object.keys(a)
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key)) yield key
}

function own(from: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(from, key) ? from[key] : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
