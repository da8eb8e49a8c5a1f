import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { parseToml } from '#runtime/toml'
import { ConfigError } from './config-error.ts'
import {
  JsonFault,
  type JsonMember,
  type JsonNode,
  type JsonObjectNode,
  jsonOf,
  MAX_CONFIG_DEPTH,
  scanJsonc,
} from './jsonc.ts'
import { type Place, placesIn } from './place.ts'
import { tomlLines } from './toml-lines.ts'

/** Longest configuration that is read, in UTF-16 units. */
export const MAX_CONFIG_LENGTH: number = 4 * 1024 * 1024

/** `json` stands for JSON with comments and trailing commas as well. */
export type ConfigFormat = 'json' | 'toml'

/** A file that was read, with the way back to its text. */
export interface ConfigDocument {
  readonly root: JsonObject
  /** Names that come twice in one object; the first counts. */
  readonly duplicates: readonly { readonly keys: readonly string[]; readonly place: Place }[]
  /** Where a value's name stands, or that of the nearest value around it. */
  placeOf(keys: readonly string[]): Place
}

/** @throws {ConfigError} `syntax`, `shape`, `too_large`, `package_missing` */
export function readDocument(text: string, { format, path }: { format: ConfigFormat; path: string }): ConfigDocument {
  if (text.length > MAX_CONFIG_LENGTH) {
    const expected = `at most ${MAX_CONFIG_LENGTH} characters (MAX_CONFIG_LENGTH)`
    throw new ConfigError('too_large', `the configuration has ${text.length} characters`, { place: { path }, expected })
  }
  return format === 'toml' ? readToml(text, path) : readJson(text, path)
}

/** What the file's name says. */
export function formatOf(path: string): ConfigFormat {
  return /\.toml$/i.test(path) ? 'toml' : 'json'
}

function scanConfig(text: string, path: string): JsonNode {
  try {
    return scanJsonc(text)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const found = error.offset >= text.length ? 'the text ends' : `found ${JSON.stringify(text[error.offset])}`
    throw new ConfigError(error.isTooDeep ? 'too_large' : 'syntax', error.isTooDeep ? 'it is too deep' : found, {
      place: placesIn(text, path)(error.offset),
      expected: error.expected,
    })
  }
}

function readJson(text: string, path: string): ConfigDocument {
  const tree = scanConfig(text, path)
  const placeAt = placesIn(text, path)
  const find = finder()
  const root = jsonOf(tree)
  if (!isJsonObject(root)) {
    throw new ConfigError('shape', `found ${Array.isArray(root) ? 'an array' : typeof root}`, {
      place: placeAt(tree.start),
      expected: 'an object',
    })
  }
  return {
    root,
    duplicates: duplicatesIn(tree).map(({ keys, offset }) => ({ keys, place: placeAt(offset) })),
    placeOf: (keys) => placeAt(offsetOf(tree, keys, find)),
  }
}

function readToml(text: string, path: string): ConfigDocument {
  const read = parseToml(text)
  switch (read.kind) {
    case 'missing':
      throw new ConfigError('package_missing', `reading TOML needs the package ${read.packageName} here`, {
        place: { path },
        expected: `it to be installed: npm install ${read.packageName} (Bun needs none)`,
      })
    case 'fault': {
      const { line, column } = read
      const place = { path, ...(line !== undefined && { line }), ...(column !== undefined && { column }) }
      throw new ConfigError('syntax', `this is no TOML: ${read.message}`, { place })
    }
    case 'value': {
      const root = plain(read.value, path)
      if (!isJsonObject(root)) throw new ConfigError('shape', 'it holds no table', { place: { path } })
      const lineOf = tomlLines(text)
      return {
        root,
        // TOML itself forbids them
        duplicates: [],
        placeOf(keys) {
          const line = lineOf(keys)
          return { path, ...(line !== undefined && { line, column: 1 }) }
        },
      }
    }
    default:
      return read satisfies never
  }
}

/** Dates of TOML become text, so that nothing but JSON is left. */
function plain(value: unknown, path: string, depth = 1): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_CONFIG_DEPTH) {
    const expected = `at most ${MAX_CONFIG_DEPTH} levels`
    throw new ConfigError('too_large', 'it is too deep', { place: { path }, expected })
  }
  if (Array.isArray(value)) return value.map((one) => plain(one, path, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, path, depth + 1)] as const))
}

type Find = (node: JsonObjectNode, key: string) => JsonMember | undefined

/** Finds members by name; a file may hold very many. */
function finder(): Find {
  const known = new WeakMap<JsonObjectNode, ReadonlyMap<string, JsonMember>>()
  return (node, key) => {
    const members = known.get(node) ?? new Map([...node.members].reverse().map((one) => [one.key, one]))
    known.set(node, members)
    return members.get(key)
  }
}

function offsetOf(root: JsonNode, keys: readonly string[], find: Find): number {
  let node = root
  let offset = root.start
  for (const key of keys) {
    if (node.kind === 'array') {
      const item = node.items[Number(key)]
      if (item === undefined) return offset
      offset = item.start
      node = item
      continue
    }
    const member = node.kind === 'object' ? find(node, key) : undefined
    if (member === undefined) return offset
    offset = member.keyStart
    node = member.value
  }
  return offset
}

function duplicatesIn(node: JsonNode, keys: readonly string[] = []): { keys: readonly string[]; offset: number }[] {
  if (node.kind === 'array') return node.items.flatMap((item, index) => duplicatesIn(item, [...keys, String(index)]))
  if (node.kind === 'leaf') return []
  const seen = new Set<string>()
  return node.members.flatMap(({ key, keyStart, value }) => {
    const path = [...keys, key]
    if (seen.has(key)) return [{ keys: path, offset: keyStart }]
    seen.add(key)
    return duplicatesIn(value, path)
  })
}
