import { ConfigError } from './config-error.ts'
import { projectsOf, type Section, sectionsOf } from './dialects.ts'
import { type ConfigDocument, type ConfigFormat, formatOf, readDocument } from './document.ts'
import { describePlace } from './place.ts'
import { type EntryFault, readEntry } from './read-entry.ts'
import { readInputs } from './read-inputs.ts'
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
  const merged = firstWins(read)
  return {
    servers: merged.servers,
    inputs: sections.flatMap(({ inputs }) => readInputs(inputs, path)),
    problems: [
      ...duplicateKeys(document),
      ...read.flatMap(({ problems }) => problems),
      ...merged.problems,
      ...otherProjects(document, path),
    ],
    sources: [source],
  }
}

/**
 * Puts configurations together, those that count more first: of a name that comes twice the first counts, also where it
 * cannot be used. Another server of that name is not what somebody in the middle of correcting it means.
 */
export function mergeConfigs(configs: readonly ParsedConfig[]): ParsedConfig {
  const merged = firstWins(configs)
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
  { dialect, keys, servers, isOff }: Section,
  { placeOf }: ConfigDocument,
): { servers: ServerEntry[]; problems: ConfigProblem[] } {
  const entries: ServerEntry[] = []
  const problems: ConfigProblem[] = []
  for (const [name, raw] of Object.entries(servers)) {
    const place = [...keys, name]
    const { entry, faults } = readEntry(name, raw, { ...placeOf(place), dialect })
    if (entry !== undefined) entries.push(isOff?.(name) === true ? { ...entry, enabled: false } : entry)
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

function otherProjects({ root, placeOf }: ConfigDocument, path: string): ConfigProblem[] {
  return projectsOf(root, path).map(({ keys, count }) => ({
    kind: 'other_project',
    message: `${count} ${count === 1 ? 'server' : 'servers'} for the project ${JSON.stringify(keys[1])} alone ${count === 1 ? 'is' : 'are'} not read`,
    place: placeOf(keys),
  }))
}

interface Definitions {
  readonly servers: readonly ServerEntry[]
  readonly problems: readonly ConfigProblem[]
}

function firstWins(parts: readonly Definitions[]): { servers: readonly ServerEntry[]; problems: ConfigProblem[] } {
  const first = new Map<string, ConfigProblem['place']>()
  const servers: ServerEntry[] = []
  const repeated: ConfigProblem[] = []
  for (const part of parts) {
    for (const entry of part.servers) {
      const { name, origin } = entry
      const known = first.get(name)
      if (known === undefined) {
        first.set(name, origin)
        servers.push(entry)
      } else {
        const message = `the server "${name}" is defined in ${describePlace(known)} already, which counts`
        repeated.push({ kind: 'duplicate', server: name, message, place: origin })
      }
    }
    for (const { kind, server, place } of part.problems) {
      if (kind === 'invalid_entry' && server !== undefined && !first.has(server)) first.set(server, place)
    }
  }
  return { servers, problems: repeated }
}
