import { isJsonObject } from '@bao-mcp/protocol/engine'
import { ConfigError } from './config-error.ts'
import { type Section, sectionsOf } from './dialects.ts'
import { type ConfigDocument, type ConfigFormat, formatOf, readDocument } from './document.ts'
import { describePlace } from './place.ts'
import { type EntryFault, readEntry } from './read-entry.ts'
import type { ConfigInput, ConfigProblem, ServerEntry } from './server-entry.ts'

/** What the text is, where that is known. */
export interface ParseConfigOptions {
  /** Default: what the path ends with, else `json`, which includes comments and trailing commas. */
  readonly format?: ConfigFormat | undefined
  /** For messages, and to tell whose file it is. Default `config`. */
  readonly path?: string | undefined
}

/** A text that was read. */
export interface ConfigSource {
  readonly path: string
  readonly format: ConfigFormat
  readonly text: string
}

/** Servers of one file or of several, as they are written: nothing is expanded. */
export interface ParsedConfig {
  /** In the order they are written, each name once. */
  readonly servers: readonly ServerEntry[]
  readonly inputs: readonly ConfigInput[]
  /** What was passed over. */
  readonly problems: readonly ConfigProblem[]
  /** What it was read from. Holds what the files hold, secrets included. */
  readonly sources: readonly ConfigSource[]
}

/**
 * Reads a configuration of any host. An entry that cannot be used is a problem and not an error: the others go on.
 * @throws {ConfigError} and nothing else: `syntax`, `shape`, `too_large`, `package_missing`
 */
export function parseConfig(
  text: string,
  { path = 'config', format = formatOf(path) }: ParseConfigOptions = {},
): ParsedConfig {
  const source: ConfigSource = { path, format, text }
  const document = readDocument(text, source)
  const sections = sectionsIn(document, path)
  const read = sections.map((section) => readSection(section, document))
  const merged = firstWins(read.flatMap(({ servers }) => servers))
  return {
    servers: merged.servers,
    inputs: sections.flatMap(({ inputs }) => readInputs(inputs)),
    problems: [...duplicateKeys(document), ...read.flatMap(({ problems }) => problems), ...merged.problems],
    sources: [source],
  }
}

/** Puts configurations together, those that count more first: of a name that comes twice the first counts. */
export function mergeConfigs(configs: readonly ParsedConfig[]): ParsedConfig {
  const merged = firstWins(configs.flatMap(({ servers }) => servers))
  return {
    servers: merged.servers,
    inputs: configs.flatMap(({ inputs }) => inputs),
    problems: [...configs.flatMap(({ problems }) => problems), ...merged.problems],
    sources: configs.flatMap(({ sources }) => sources),
  }
}

/** @throws {ConfigError} `shape` */
export function sectionsIn(document: ConfigDocument, path: string): readonly Section[] {
  const sections = sectionsOf(document.root, path)
  if ('expected' in sections) {
    const { found, expected, keys } = sections
    throw new ConfigError('shape', found, { place: document.placeOf(keys), expected })
  }
  return sections
}

function readSection(
  { dialect, keys, servers }: Section,
  { placeOf }: ConfigDocument,
): { servers: ServerEntry[]; problems: ConfigProblem[] } {
  const entries: ServerEntry[] = []
  const problems: ConfigProblem[] = []
  for (const [name, raw] of Object.entries(servers)) {
    const place = [...keys, name]
    const { entry, faults } = readEntry(name, raw, { ...placeOf(place), dialect })
    if (entry !== undefined) entries.push(entry)
    problems.push(...faults.map((fault) => problemOf(name, fault, placeOf([...place, ...fault.keys]))))
  }
  return { servers: entries, problems }
}

function problemOf(server: string, { keys, message }: EntryFault, place: ConfigProblem['place']): ConfigProblem {
  const field = keys.join('.')
  return {
    kind: 'invalid_entry',
    server,
    ...(field !== '' && { field }),
    message: `the server "${server}" ${field === '' ? '' : `is not usable: ${field} `}${message}`,
    place,
  }
}

function duplicateKeys({ duplicates }: ConfigDocument): ConfigProblem[] {
  return duplicates.map(({ keys, place }) => ({
    kind: 'duplicate',
    message: `"${keys.join('.')}" stands there twice; the first one counts`,
    place,
  }))
}

function firstWins(entries: readonly ServerEntry[]): { servers: readonly ServerEntry[]; problems: ConfigProblem[] } {
  const first = new Map<string, ServerEntry>()
  const problems: ConfigProblem[] = []
  for (const entry of entries) {
    const { name, origin } = entry
    const known = first.get(name)
    if (known === undefined) first.set(name, entry)
    else {
      const message = `the server "${name}" is defined in ${describePlace(known.origin)} already, which counts`
      problems.push({ kind: 'duplicate', server: name, message, place: origin })
    }
  }
  return { servers: [...first.values()], problems }
}

function readInputs(inputs: unknown): ConfigInput[] {
  if (!Array.isArray(inputs)) return []
  return inputs.flatMap((input: unknown): ConfigInput[] => {
    if (!isJsonObject(input) || typeof input.id !== 'string') return []
    const { id, description, password, default: usual } = input
    return [
      {
        id,
        ...(typeof description === 'string' && { description }),
        password: password === true,
        ...(typeof usual === 'string' && { default: usual }),
      },
    ]
  })
}
