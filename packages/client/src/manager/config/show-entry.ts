import { describeCommand } from '../../transports/describe-command.ts'
import type { Dialect } from './dialects.ts'
import type { Place } from './place.ts'
import { referencesIn } from './references.ts'
import type { ServerEntry } from './server-entry.ts'
import { shownReference, shownUrl, withReferencesAs } from './shown-reference.ts'

/** A server's configuration for people: what may be a secret is `***`, what stands for one is shown. JSON. */
export interface ShownEntry {
  readonly name: string
  readonly type: ServerEntry['type']
  readonly place: Place
  readonly dialect: Dialect
  readonly enabled: boolean
  /** `bun server.ts --token ***`, or a URL without its query. */
  readonly target: string
  /** A text that is nothing but a variable, also behind `Bearer`, is shown; every other is `***`. */
  readonly env?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** All variables it refers to, as they are written, without what they default to. */
  readonly variables: readonly string[]
}

/** Makes a server's configuration fit for a screen or a log. */
export function showEntry(entry: ServerEntry): ShownEntry {
  const { name, type, enabled } = entry
  const { dialect, ...place } = entry.origin
  const common = { name, type, place, dialect, enabled, variables: variablesOf(entry) }
  if (entry.type === 'stdio') {
    const words = [entry.command, ...entry.args].map((text) => withReferencesAs(text, shownReference))
    const [command = '', ...args] = words
    return { ...common, target: describeCommand(command, args), env: masked(entry.env) }
  }
  return { ...common, target: shownUrl(entry.url), headers: masked(entry.headers) }
}

/** Every text of a server that is expanded, with the field it stands in. */
export function textsOf(entry: ServerEntry): readonly (readonly [field: string, text: string])[] {
  const { oauth } = entry.type === 'stdio' ? { oauth: undefined } : entry
  const login = typeof oauth === 'object' ? Object.entries(oauth) : []
  return [
    ...(entry.type === 'stdio'
      ? [
          ['command', entry.command] as const,
          ...entry.args.map((arg, index) => [`args.${index}`, arg] as const),
          ...Object.entries(entry.env).flatMap(([key, text]) => (text === null ? [] : [[`env.${key}`, text] as const])),
          ...(entry.cwd === undefined ? [] : [['cwd', entry.cwd] as const]),
          ...(entry.envFile === undefined ? [] : [['envFile', entry.envFile] as const]),
        ]
      : [
          ['url', entry.url] as const,
          ...Object.entries(entry.headers).map(([key, text]) => [`headers.${key}`, text] as const),
          ...login.flatMap(([key, text]) => (typeof text === 'string' ? [[`oauth.${key}`, text] as const] : [])),
        ]),
  ]
}

function variablesOf(entry: ServerEntry): string[] {
  return [...new Set(textsOf(entry).flatMap(([, text]) => referencesIn(text).map(shownReference)))]
}

function masked(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === null ? '' : shown(value)] as const),
  )
}

/** What stands around variables may be a secret, unless it only says how one is handed over. */
function shown(value: string): string {
  const rest = withReferencesAs(value, () => '')
  const isPlain = rest !== value && /^(?:(?:Bearer|Basic|Token|ApiKey)\s*)?$/i.test(rest)
  return isPlain ? withReferencesAs(value, shownReference) : '***'
}
