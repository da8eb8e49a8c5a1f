import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { kindOf } from './dialects.ts'
import type { EntryFault } from './read-entry.ts'

/**
 * Reads the fields of an object under any of the names they go by, and keeps what does not fit. Of several names the first
 * that is there counts; null stands for nothing.
 */
export interface FieldReader {
  readonly faults: readonly EntryFault[]
  fault(keys: readonly string[], message: string): void
  /** The name that is there, and the value. */
  take(...names: readonly string[]): readonly [name: string, value: unknown]
  /** A text that is not empty. */
  text(...names: readonly string[]): string | undefined
  boolean(...names: readonly string[]): boolean | undefined
  /** A number above 0. */
  number(...names: readonly string[]): number | undefined
  strings(...names: readonly string[]): readonly string[] | undefined
  /** A list of texts, or one text of words. */
  words(...names: readonly string[]): readonly string[] | undefined
  /** A list of names, or of objects with one. */
  names(...names: readonly string[]): readonly string[] | undefined
  /** A text, or a list of at least one. */
  commandLine(...names: readonly string[]): readonly string[] | undefined
  /** Texts by name; numbers and booleans become texts. */
  texts(...names: readonly string[]): Readonly<Record<string, string | null>> | undefined
  /** What nobody asked for. */
  rest(): JsonObject
}

export function createFieldReader(
  raw: JsonObject,
  report?: (keys: readonly string[], message: string) => void,
): FieldReader {
  const faults: EntryFault[] = []
  const taken = new Set<string>()

  function fault(keys: readonly string[], message: string): void {
    if (report === undefined) faults.push({ keys, message })
    else report(keys, message)
  }

  function take(...names: readonly string[]): readonly [string, unknown] {
    for (const name of names) if (Object.hasOwn(raw, name)) taken.add(name)
    const found = names.find((name) => Object.hasOwn(raw, name) && raw[name] !== null) ?? names[0] ?? ''
    const value = Object.hasOwn(raw, found) ? raw[found] : undefined
    return [found, value === null ? undefined : value]
  }

  function of<T>(names: readonly string[], expected: string, read: (value: unknown) => T | undefined): T | undefined {
    const [name, value] = take(...names)
    if (value === undefined) return undefined
    const fitting = read(value)
    if (fitting === undefined) fault([name], `must be ${expected}, got ${kindOf(value)}`)
    return fitting
  }

  return {
    faults,
    fault,
    take,
    text: (...names) =>
      of(names, 'a text that is not empty', (value) => (typeof value === 'string' && value !== '' ? value : undefined)),
    boolean: (...names) => of(names, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    number: (...names) =>
      of(names, 'a number above 0', (value) =>
        typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined,
      ),
    strings: (...names) => of(names, 'a list of texts', stringsOf),
    words: (...names) =>
      of(names, 'a list of texts, or one text', (value) =>
        typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : stringsOf(value),
      ),
    names: (...names) => of(names, 'a list of names', namesOf),
    commandLine: (...names) =>
      of(names, 'a program, or a list that begins with one', (value) => {
        const words = typeof value === 'string' ? [value] : stringsOf(value)
        return words?.[0] === undefined || words[0] === '' ? undefined : words
      }),
    texts: (...names) => of(names, 'an object of texts', textsOf),
    rest: () => Object.fromEntries(Object.entries(raw).filter(([name]) => !taken.has(name))),
  }
}

function stringsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one): one is string => typeof one === 'string') ? value : undefined
}

function namesOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const names = value.map((one: unknown) => (isJsonObject(one) ? one.name : one))
  return stringsOf(names)
}

function textsOf(value: unknown): Readonly<Record<string, string | null>> | undefined {
  if (!isJsonObject(value)) return undefined
  const entries = Object.entries(value).map(([name, one]) => [name, textOf(one)] as const)
  const fitting = entries.filter((entry): entry is readonly [string, string | null] => entry[1] !== undefined)
  return fitting.length === entries.length ? Object.fromEntries(fitting) : undefined
}

function textOf(value: unknown): string | null | undefined {
  if (typeof value === 'string' || value === null) return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
