import { isJsonObject } from '@bao-mcp/protocol/engine'
import { ConfigError } from './config-error.ts'
import { hostOf, type Section } from './dialects.ts'
import { type ConfigDocument, formatOf, readDocument } from './document.ts'
import { entryRules } from './lint-entries.ts'
import { nameRules } from './lint-names.ts'
import type { Draft, EntryCode, Rule } from './lint-rule.ts'
import { textRules } from './lint-texts.ts'
import { type ParseConfigOptions, type ParsedConfig, parseConfig, sectionsIn } from './parse-config.ts'
import type { Place } from './place.ts'
import { readEntry } from './read-entry.ts'
import type { ConfigInput, ConfigProblem } from './server-entry.ts'

/** What kind of mistake was found. */
export type FindingCode = 'unreadable' | 'wrong_key' | ConfigProblem['kind'] | EntryCode

/** Something a host would pass over in silence. Holds no value that may be a secret. */
export interface Finding {
  readonly code: FindingCode
  /** `error`: the server, or the file, does not work as it is written. */
  readonly severity: 'error' | 'warning' | 'info'
  readonly server?: string
  /** `env.TOKEN`. */
  readonly field?: string
  readonly place: Place
  readonly message: string
  /** What to do. */
  readonly fix: string
}

const RULES: readonly Rule[] = [...entryRules, ...nameRules, ...textRules]

/** Looks for mistakes in a configuration, in the order of its text. Expands nothing, and never throws. */
export function lintConfig(config: string | ParsedConfig, options: ParseConfigOptions = {}): Finding[] {
  if (typeof config === 'string') return lintText(config, options)
  const findings = config.sources.flatMap(({ text, ...source }) => lintText(text, source))
  const merged = config.problems.filter(({ kind, server }) => kind === 'duplicate' && server !== undefined)
  const known = new Set(findings.map(({ place }) => JSON.stringify(place)))
  return [...findings, ...merged.map(ofProblem).filter(({ place }) => !known.has(JSON.stringify(place)))]
}

function lintText(text: string, { path = 'config', format = formatOf(path) }: ParseConfigOptions): Finding[] {
  try {
    const { problems, inputs } = parseConfig(text, { path, format })
    const document = readDocument(text, { path, format })
    const findings = problems.map(ofProblem)
    for (const section of sectionsIn(document, path)) findings.push(...lintSection(section, document, path, inputs))
    return findings.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { message, place, expected } = error
    return [
      {
        code: 'unreadable',
        severity: 'error',
        place,
        message,
        fix: expected === undefined ? 'correct it' : `put ${expected} there`,
      },
    ]
  }
}

function lintSection(
  { dialect, keys, servers }: Section,
  { placeOf }: ConfigDocument,
  path: string,
  inputs: readonly ConfigInput[],
): Finding[] {
  const findings: Finding[] = []
  const host = hostOf(path)
  const [key] = keys
  if (host !== undefined && key !== host.key) {
    findings.push({
      code: 'wrong_key',
      severity: 'error',
      place: placeOf(keys),
      message: `${host.dialect} looks for "${host.key}" in this file and loads nothing from ${key === undefined ? 'elsewhere' : `"${key}"`}`,
      fix: key === undefined ? `put the servers under "${host.key}"` : `rename "${key}" to "${host.key}"`,
    })
  }
  for (const [name, raw] of Object.entries(servers)) {
    if (!isJsonObject(raw)) continue
    const place = [...keys, name]
    const { entry } = readEntry(name, raw, { ...placeOf(place), dialect })
    // what the host of this file will make of it, wherever in the file it stands
    const subject = { name, raw, entry, dialect: host?.dialect ?? dialect, inputs }
    for (const rule of RULES) {
      findings.push(
        ...rule(subject).map((draft) => ({ ...found(name, draft), place: placeOf([...place, ...draft.keys]) })),
      )
    }
  }
  return findings
}

function found(server: string, { code, severity, keys, message, fix }: Draft): Omit<Finding, 'place'> {
  const field = keys.join('.')
  return { code, severity, server, ...(field !== '' && { field }), message, fix }
}

function ofProblem(problem: ConfigProblem): Finding {
  const { kind: code, server, field, place, message } = problem
  return {
    ...{ code, severity: SEVERITIES[code] },
    ...(server !== undefined && { server }),
    ...(field !== undefined && { field }),
    ...{ place, message, fix: FIXES[code] },
  }
}

const SEVERITIES: Readonly<Record<ConfigProblem['kind'], Finding['severity']>> = {
  invalid_entry: 'error',
  duplicate: 'warning',
  other_project: 'info',
}

const FIXES: Readonly<Record<ConfigProblem['kind'], string>> = {
  invalid_entry: 'correct it; until then the server is left out',
  duplicate: 'remove one of the two, or give it another name',
  other_project: "put them into the project's .mcp.json, or beside the others, to have them read",
}
