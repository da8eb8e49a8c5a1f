import type { JsonObject } from '@bao-mcp/protocol/engine'
import { closestFirst, listNames } from '../closest.ts'
import { ConfigError } from './config-error.ts'
import { hostOf, SECTION_KEYS, sectionsOf } from './dialects.ts'
import { formatOf, readDocument } from './document.ts'
import { removeIn, setIn } from './edit-json.ts'
import { type ParseConfigOptions, parseConfig } from './parse-config.ts'
import { isResolved } from './resolved.ts'

/**
 * The text with a server in it, under the key that its host looks for; comments, other servers and keys of this one that are
 * not in `entry` stay. Its own keys and variables are written as they are given: see `lintConfig` for what the host knows.
 * @throws {ConfigError} `unsupported` for TOML, `shape` for what is no server, and what reading the text throws
 * @throws {TypeError} for what `resolveServer` gave, or what holds its `env`, `headers` or `args`: they may be secrets. A
 * copy that shares none of these, such as one by way of JSON, cannot be told from an entry
 */
export function writeServer(text: string, name: string, entry: JsonObject, options: ParseConfigOptions = {}): string {
  if (isResolved(entry)) {
    throw new TypeError(
      'a resolved configuration may hold secrets and is not written; write the entry as it stands in a file',
    )
  }
  const { path } = writable(options)
  const before = text.trim() === '' ? '{}\n' : text
  const keys = [...sectionFor(before, name, path), name]
  const known = Object.entries(entry).filter(([, value]) => value !== undefined)
  const after =
    known.length === 0
      ? setIn(before, keys, {})
      : known.reduce((one, [key, value]) => setIn(one, [...keys, key], value), before)
  const problem = parseConfig(after, { path, format: 'json' }).problems.find(
    ({ kind, server }) => kind === 'invalid_entry' && server === name,
  )
  if (problem !== undefined) throw new ConfigError('shape', problem.message, { place: problem.place })
  return after
}

/**
 * The text without a server; comments of the others stay.
 * @throws {ConfigError} `unknown_server`, `unsupported` for TOML, and what reading the text throws
 */
export function removeServer(text: string, name: string, options: ParseConfigOptions = {}): string {
  const { path } = writable(options)
  const { root } = readDocument(text, { format: 'json', path })
  const sections = sectionsOf(root, path)
  const known = 'expected' in sections ? [] : sections
  const holders = known.filter(({ servers }) => Object.hasOwn(servers, name))
  if (holders.length === 0) {
    const names = closestFirst(
      name,
      known.flatMap(({ servers }) => Object.keys(servers)),
    )
    const message = `there is no server ${JSON.stringify(name)}; there is: ${listNames(names)}`
    throw new ConfigError('unknown_server', message, { place: { path } })
  }
  return holders.reduce((one, { keys }) => removeIn(one, [...keys, name]), text)
}

function writable({ path = 'config', format = formatOf(path) }: ParseConfigOptions): { path: string } {
  if (format === 'toml') {
    throw new ConfigError('unsupported', 'servers cannot be written into TOML', {
      place: { path },
      expected: 'JSON; edit this file by hand',
    })
  }
  return { path }
}

/** Where a server of this name belongs: where it is, else where others are, else where the host looks. */
function sectionFor(text: string, name: string, path: string): readonly string[] {
  const document = readDocument(text, { format: 'json', path })
  const sections = sectionsOf(document.root, path)
  const usual = hostOf(path)?.key ?? 'mcpServers'
  if (!('expected' in sections)) {
    const found = sections.find(({ servers }) => Object.hasOwn(servers, name)) ?? sections[0]
    return found?.keys ?? [usual]
  }
  const isOccupied = SECTION_KEYS.some((key) => Object.hasOwn(document.root, key))
  if (!isOccupied) return [usual]
  throw new ConfigError('shape', sections.found, {
    place: document.placeOf(sections.keys),
    expected: sections.expected,
  })
}
