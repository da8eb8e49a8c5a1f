import { environment, parseDotenv, readText } from '#runtime/config-files'
import type { AddOptions } from '../manager.ts'
import type { HttpServer, StdioServer } from '../server-config.ts'
import { untilAborted } from '../until-aborted.ts'
import { type AskInput, createAsker } from './ask-inputs.ts'
import { createExpander, type Expander } from './expander.ts'
import { isTrusted, type ResolveContext } from './resolve-context.ts'
import { markResolved } from './resolved.ts'
import type { ConfigInput, EntryOAuth, HttpEntry, ServerEntry, StdioEntry } from './server-entry.ts'
import { shownReference, shownUrl, withReferencesAs } from './shown-reference.ts'

/** Why one server cannot be started as it is configured. Holds no value. */
export interface Unresolved {
  readonly server: string
  /** `env.GITHUB_TOKEN`, `args.2`: the first one that it concerns. */
  readonly field: string
  /** All fields that it concerns. */
  readonly fields: readonly string[]
  /** The variable there is none of, as its name is written; absent when something else is wrong. */
  readonly variable?: string
  readonly message: string
}

/** What became of an entry: a configuration, or why there is none. */
export type Resolution =
  | {
      readonly kind: 'resolved'
      readonly server: string
      /** Holds secrets: for `manager.add`, never for a file. */
      readonly config: StdioServer | HttpServer
      readonly options: AddOptions
    }
  | { readonly kind: 'unresolved'; readonly server: string; readonly unresolved: readonly Unresolved[] }
  | { readonly kind: 'untrusted'; readonly server: string }

/** What is known besides the server. */
export interface ResolveOptions {
  /** What inputs stand for, `ParsedConfig.inputs`: for whoever is asked. */
  readonly inputs?: readonly ConfigInput[] | undefined
  /** Ends the waiting for whoever is asked. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts in what the variables of one server stand for: its configuration for a manager, or all that is missing.
 * @throws the signal's reason when it aborts
 */
export async function resolveServer(
  entry: ServerEntry,
  context: ResolveContext = {},
  { inputs = [], signal }: ResolveOptions = {},
): Promise<Resolution> {
  const isOurs = await untilAborted(Promise.resolve(isTrusted(context, entry)), signal)
  if (!isOurs) return { kind: 'untrusted', server: entry.name }
  return untilAborted(resolveTrusted(entry, context, createAsker(context, { inputs, signal })), signal)
}

/** The same for a server that is trusted. */
export async function resolveTrusted(
  entry: ServerEntry,
  context: ResolveContext,
  ask: AskInput,
): Promise<Exclude<Resolution, { kind: 'untrusted' }>> {
  const server = entry.name
  const expander = createExpander(entry, { env: environment(), ...withoutUndefined(context) }, ask)
  const own = entry.type === 'stdio' ? await stdioOf(entry, expander) : await httpOf(entry, expander, context)
  if (!expander.isComplete) return { kind: 'unresolved', server, unresolved: expander.unresolved }
  const config = markResolved({ ...own, ...treatmentOf(entry), ...context.options?.(entry) })
  return { kind: 'resolved', server, config, options: entry.required ? { required: true } : {} }
}

type Treatment = Pick<StdioServer, 'timeoutMs' | 'connectTimeoutMs' | 'allow' | 'deny'>

function treatmentOf({ timeoutMs, connectTimeoutMs, allow, deny }: ServerEntry): Treatment {
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(allow !== undefined && { allow }),
    ...(deny !== undefined && { deny }),
  }
}

async function stdioOf(entry: StdioEntry, expander: Expander): Promise<StdioServer> {
  const { text, list, texts, folder } = expander
  const command = await text(entry.command, 'command')
  const args = await list(entry.args, 'args')
  const cwd = entry.cwd === undefined ? undefined : folder(await text(entry.cwd, 'cwd'))
  const env = {
    ...(entry.envFile !== undefined && (await variablesOf(entry.envFile, expander))),
    ...(await texts(entry.env, 'env')),
  }
  return {
    command,
    args,
    ...(cwd !== undefined && { cwd }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(entry.inheritEnv.length > 0 && { inheritEnv: entry.inheritEnv }),
  }
}

async function variablesOf(written: string, expander: Expander): Promise<Readonly<Record<string, string | undefined>>> {
  const text = await expander.text(written, 'envFile')
  if (expander.isFaulty('envFile')) return {}
  const path = expander.folder(text)
  try {
    return parseDotenv(await readText(path))
  } catch {
    // what the platform says of a file that holds secrets is not repeated
    expander.report(
      'envFile',
      `names ${JSON.stringify(withReferencesAs(written, shownReference))}, which cannot be read`,
    )
    return {}
  }
}

async function httpOf(entry: HttpEntry, expander: Expander, context: ResolveContext): Promise<HttpServer> {
  const { text, texts, report } = expander
  const url = await text(entry.url, 'url')
  const headers = await texts(entry.headers, 'headers')
  const oauth = entry.oauth === undefined || entry.oauth === false ? undefined : await oauthOf(entry.oauth, expander)
  if (expander.isComplete && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    report('url', `must lead to a URL of http or https, and ${JSON.stringify(shownUrl(entry.url))} does not`)
  }
  const isAsked = expander.isComplete && entry.oauth !== false
  const auth = isAsked ? context.auth?.({ name: entry.name, url, oauth, entry }) : undefined
  return {
    type: entry.type,
    url,
    ...(Object.keys(headers).length > 0 && { headers: withoutUndefined(headers) }),
    ...(auth !== undefined && { auth }),
  }
}

async function oauthOf(oauth: EntryOAuth, { text, list }: Expander): Promise<EntryOAuth> {
  const { clientId, clientSecret, redirectUri, authServerMetadataUrl, scopes } = oauth
  return {
    ...oauth,
    ...(clientId !== undefined && { clientId: await text(clientId, 'oauth.clientId') }),
    ...(clientSecret !== undefined && { clientSecret: await text(clientSecret, 'oauth.clientSecret') }),
    ...(redirectUri !== undefined && { redirectUri: await text(redirectUri, 'oauth.redirectUri') }),
    ...(scopes !== undefined && { scopes: await list(scopes, 'oauth.scopes') }),
    ...(authServerMetadataUrl !== undefined && {
      authServerMetadataUrl: await text(authServerMetadataUrl, 'oauth.authServerMetadataUrl'),
    }),
  }
}

/** Without members that are there and undefined, which would hide a default. */
function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // proof: what is undefined is filtered out
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
