import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { listNames } from '../closest.ts'
import { braceVariables } from './bare-variables.ts'
import { type Dialect, kindOf } from './dialects.ts'
import { createFieldReader, type FieldReader } from './field-reader.ts'
import type { EntryOAuth, EntryOrigin, HttpEntry, ServerEntry, StdioEntry } from './server-entry.ts'

/** Words for the kinds of servers, and what they mean. */
export const TYPES: Readonly<Record<string, ServerEntry['type']>> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  remote: 'http',
  'streamable-http': 'http',
  streamable_http: 'http',
  streamableHttp: 'http',
  sse: 'sse',
}

export const URL_KEYS = ['url', 'serverUrl', 'httpUrl', 'baseUrl'] as const

const ALLOW_KEYS = ['enabled_tools', 'enabledTools', 'includeTools', 'allowedTools'] as const

/** Hosts that put the value of `VAR` in for `$VAR`. */
const BARE_VARIABLES: ReadonlySet<Dialect> = new Set<Dialect>(['gemini', 'copilot'])

/** Something of an entry that cannot be used. */
export interface EntryFault {
  /** Keys from the entry on. */
  readonly keys: readonly string[]
  readonly message: string
}

/** Brings one entry of any dialect into the normal form; undefined where something of it cannot be used. */
export function readEntry(
  name: string,
  raw: unknown,
  origin: EntryOrigin,
): { readonly entry: ServerEntry | undefined; readonly faults: readonly EntryFault[] } {
  if (!isJsonObject(raw)) {
    return { entry: undefined, faults: [{ keys: [], message: `must be an object, got ${kindOf(raw)}` }] }
  }
  const reader = createFieldReader(BARE_VARIABLES.has(origin.dialect) ? braced(raw) : raw)
  const type = typeOf(raw, origin.dialect, reader)
  const common = readCommon(raw, name, origin, reader)
  const stdio = readStdio(reader)
  const http = readHttp(raw, type, reader)
  const entry = entryOf(type, { ...common, extra: reader.rest() }, stdio, http)
  return { entry: reader.faults.length === 0 ? entry : undefined, faults: reader.faults }
}

type Common = Omit<StdioEntry, 'type' | keyof StdioParts>
type StdioParts = Pick<StdioEntry, 'args' | 'env' | 'inheritEnv'> & {
  readonly command?: string
  readonly envFile?: string
  readonly cwd?: string
}
type HttpParts = Pick<HttpEntry, 'headers' | 'oauth'> & { readonly url?: string }

function entryOf(
  type: ServerEntry['type'] | undefined,
  common: Common,
  { command, ...stdio }: StdioParts,
  { url, ...http }: HttpParts,
): ServerEntry | undefined {
  if (type === 'stdio') return command === undefined ? undefined : { ...common, type, command, ...stdio }
  return type === undefined || url === undefined ? undefined : { ...common, type, url, ...http }
}

/** What kind of server it is; faults where that and what it has do not fit together. */
function typeOf(raw: JsonObject, dialect: Dialect, { take, fault }: FieldReader): ServerEntry['type'] | undefined {
  const [key, written] = take('type', 'transport')
  const hasCommand = isThere(raw.command)
  const hasUrl = URL_KEYS.some((one) => isThere(raw[one]))
  if (written === undefined) {
    if (hasCommand && hasUrl) fault([], 'has both a command and a URL: leave one out, or give a type')
    if (hasCommand !== hasUrl) return hasCommand ? 'stdio' : isOldUrl(raw, dialect) ? 'sse' : 'http'
    if (!hasCommand) fault([], `needs a command, or a URL; it has: ${listNames(Object.keys(raw))}`)
    return undefined
  }
  const type = typeof written === 'string' && Object.hasOwn(TYPES, written) ? TYPES[written] : undefined
  if (type === undefined) {
    fault([key], `must be one of ${Object.keys(TYPES).join(', ')}, got ${shortly(written)}`)
    return undefined
  }
  if (type === 'stdio' && !hasCommand) fault([], `is of type ${shortly(written)} and needs a command`)
  if (type !== 'stdio' && !hasUrl) fault([], `is of type ${shortly(written)} and needs a URL`)
  return type
}

/** Gemini CLI has a name of its own for URLs of Streamable HTTP. */
function isOldUrl(raw: JsonObject, dialect: Dialect): boolean {
  return dialect === 'gemini' && isThere(raw.url) && !isThere(raw.httpUrl)
}

/** All texts with `${VAR}` for what these hosts write as `$VAR`. */
function braced(raw: JsonObject): JsonObject {
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return braceVariables(value)
    if (Array.isArray(value)) return value.map(inside)
    return isJsonObject(value) ? braced(value) : value
  }
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, inside(value)]))
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function readCommon(
  raw: JsonObject,
  name: string,
  origin: EntryOrigin,
  { boolean, number, strings, take }: FieldReader,
): Omit<Common, 'extra'> {
  const enabled = boolean('enabled')
  const disabled = boolean('disabled')
  const timeout = number('timeout')
  const startSeconds = number('startup_timeout_sec')
  const startMs = number('startup_timeout_ms')
  const callSeconds = number('tool_timeout_sec')
  const connectTimeoutMs = startMs ?? milliseconds(startSeconds) ?? (saysStart(origin.dialect) ? timeout : undefined)
  const timeoutMs = milliseconds(callSeconds) ?? callTimeout(origin.dialect, timeout)
  // of some hosts it is an object with more about each tool
  const lists = Array.isArray(raw.tools) ? [...ALLOW_KEYS, 'tools'] : ALLOW_KEYS
  const allow = strings(...lists)
  const deny = strings('disabled_tools', 'disabledTools', 'excludeTools')
  // what hosts know them by, which is the key here
  take('name')
  return {
    name,
    origin,
    enabled: enabled !== false && disabled !== true,
    required: boolean('required') ?? false,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(allow !== undefined && { allow }),
    ...(deny !== undefined && { deny }),
  }
}

function readStdio({ commandLine, strings, texts, names, text }: FieldReader): StdioParts {
  const [command, ...first] = commandLine('command') ?? []
  const args = strings('args') ?? []
  const env = texts('env', 'environment')
  const envFile = text('envFile')
  const cwd = text('cwd')
  return {
    ...(command !== undefined && { command }),
    args: [...first, ...args],
    env: env ?? {},
    inheritEnv: names('env_vars') ?? [],
    ...(envFile !== undefined && { envFile }),
    ...(cwd !== undefined && { cwd }),
  }
}

function readHttp(raw: JsonObject, type: ServerEntry['type'] | undefined, reader: FieldReader): HttpParts {
  const { text, texts } = reader
  // where it stands beside another one, that is the URL of 2024
  const keys = type === 'sse' ? URL_KEYS : (['httpUrl', ...URL_KEYS] as const)
  const [url] = keys.flatMap((key) => text(key) ?? [])
  const headers = texts('headers', 'http_headers')
  const fromVariables = Object.entries(texts('env_http_headers') ?? {})
  const bearer = text('bearer_token_env_var', 'bearerTokenEnv')
  const oauth = readOAuth(raw, reader)
  return {
    ...(url !== undefined && { url }),
    headers: {
      ...Object.fromEntries(Object.entries(headers ?? {}).flatMap(([key, one]) => (one === null ? [] : [[key, one]]))),
      ...Object.fromEntries(fromVariables.map(([key, variable]) => [key, variableNamed(variable ?? '')] as const)),
      ...(bearer !== undefined && { Authorization: `Bearer ${variableNamed(bearer)}` }),
    },
    ...(oauth !== undefined && { oauth }),
  }
}

function readOAuth(raw: JsonObject, { take, fault, words }: FieldReader): EntryOAuth | false | undefined {
  const more = words('scopes')
  // hosts that have a word such as "oauth" there, or another object, are not understood: it stays among the rest
  const isKnown = isJsonObject(raw.auth) && (raw.auth.CLIENT_ID !== undefined || raw.auth.clientId !== undefined)
  const [key, written] = isKnown ? take('oauth', 'auth') : take('oauth')
  if (written === false) return false
  if (written === undefined || written === true || written === null) return more && { scopes: more }
  if (!isJsonObject(written)) {
    fault([key], `must be an object or false, got ${kindOf(written)}`)
    return undefined
  }
  const inner = createFieldReader(written, (keys, message) => fault([key, ...keys], message))
  const clientId = inner.text('clientId', 'client_id', 'CLIENT_ID')
  const clientSecret = inner.text('clientSecret', 'client_secret', 'CLIENT_SECRET')
  const callbackPort = inner.number('callbackPort', 'callback_port')
  const redirectUri = inner.text('redirectUri', 'redirect_uri')
  const scopes = inner.words('scopes', 'scope') ?? more
  const authServerMetadataUrl = inner.text('authServerMetadataUrl')
  return {
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(callbackPort !== undefined && { callbackPort }),
    ...(redirectUri !== undefined && { redirectUri }),
    ...(scopes !== undefined && { scopes }),
    ...(authServerMetadataUrl !== undefined && { authServerMetadataUrl }),
  }
}

function variableNamed(name: string): string {
  return `\${env:${name}}`
}

/** The one number some hosts have bounds the start there, and is in seconds elsewhere. */
function saysStart(dialect: Dialect): boolean {
  return dialect === 'opencode'
}

function callTimeout(dialect: Dialect, timeout: number | undefined): number | undefined {
  if (saysStart(dialect)) return undefined
  return dialect === 'cline' ? milliseconds(timeout) : timeout
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

function shortly(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value)
}
