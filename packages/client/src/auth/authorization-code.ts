import type { JsonObject } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { prepareLogin, readLogin, requireS256 } from './authorization-request.ts'
import { bindIssuer } from './bind-issuer.ts'
import { type ClientAuthentication, type ClientIdentity, secretAuthentication } from './client-authentication.ts'
import { parseRegistration, type Registration } from './credentials.ts'
import type { Grant, GrantContext } from './grant.ts'
import type { Redirect } from './redirect.ts'
import { registerClient } from './register-client.ts'
import { type IssuedToken, requestToken } from './token-endpoint.ts'

/** A client that an authorization server knows already. */
export interface RegisteredClient extends ClientIdentity {
  /** The authorization server that knows it. Default: the first one it is used with. */
  readonly issuer?: string | undefined
  /** Another proof than the secret, such as a signed assertion. */
  readonly authentication?: ClientAuthentication | undefined
}

export interface AuthorizationCodeOptions {
  redirect: Redirect
  clients: readonly RegisteredClient[]
  /** Client id URL, for authorization servers that read such documents. */
  clientIdUrl?: string | undefined
  /** How the client of `clientIdUrl` proves itself. Default: not at all. */
  clientIdAuthentication?: ClientAuthentication | undefined
  clientName: string
  clientMetadata?: JsonObject | undefined
  authorizationParameters?: Readonly<Record<string, string>> | undefined
  chooseServer?: ((issuers: readonly string[]) => string) | undefined
}

interface Client {
  clientId: string
  authentication: ClientAuthentication
  /** True when it was registered here before and may be forgotten there by now. */
  isRemembered: boolean
}

/**
 * The authorization code grant: a person logs in.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#authorization-flow-steps
 */
export function authorizationCode(options: AuthorizationCodeOptions): Grant {
  const { redirect, clients, clientIdUrl } = options
  const known = clients.map(({ clientId }) => clientId)

  async function obtain(context: GrantContext): Promise<{ token: IssuedToken; clientId: string }> {
    const { server } = context.discovery
    requireS256(server)
    const remembered = await readRegistration(context)
    await using visit = await redirect.open({ preferred: remembered?.redirectUris ?? [], signal: context.signal })
    for (let mayForget = true; ; mayForget = false) {
      const client = await identify(visit.uri, context, options)
      try {
        return { token: await login(client, visit, context), clientId: client.clientId }
      } catch (failure) {
        const forgotten = failure instanceof AuthError && failure.oauthError === 'invalid_client'
        if (!forgotten || !client.isRemembered || !mayForget) throw failure
        // the authorization server does not know the client any more that it registered once
        await forgetRegistration(server.issuer, client.clientId, context)
      }
    }
  }

  async function login(
    { clientId, authentication }: Client,
    visit: Awaited<ReturnType<Redirect['open']>>,
    { discovery, scopes, http, proof, signal }: GrantContext,
  ): Promise<IssuedToken> {
    const { resource, server } = discovery
    const pending = await prepareLogin({
      server,
      clientId,
      redirectUri: visit.uri,
      resource,
      scopes,
      extra: options.authorizationParameters,
    })
    const response = await visit.follow(pending.url, { signal })
    const code = readLogin(response, pending)
    return requestToken({
      server,
      params: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: visit.uri,
        code_verifier: pending.verifier,
        resource,
      },
      client: authentication,
      proof,
      http,
      signal,
    })
  }

  return {
    name: ['authorization_code', ...known, ...(clientIdUrl === undefined ? [] : [clientIdUrl])].join(' '),
    unattended: false,
    chooseServer:
      options.chooseServer ??
      ((issuers) => issuers.find((issuer) => clients.some((client) => client.issuer === issuer)) ?? issuers[0] ?? ''),
    obtain,
    async authenticationOf(clientId, context) {
      const { issuer } = context.discovery.server
      const registered = clients.find((client) => client.clientId === clientId && (client.issuer ?? issuer) === issuer)
      if (registered !== undefined) return registered.authentication ?? secretAuthentication(registered)
      if (clientId === clientIdUrl) return options.clientIdAuthentication ?? publicClient(clientId)
      const remembered = await readRegistration(context)
      return remembered?.clientId === clientId ? secretAuthentication(remembered) : undefined
    },
  }
}

/** "Pre-registered, then Client ID Metadata Documents, then Dynamic Client Registration, then prompt the user." */
async function identify(uri: string, context: GrantContext, options: AuthorizationCodeOptions): Promise<Client> {
  const { server } = context.discovery
  const { issuer } = server
  const { clients, clientIdUrl, clientIdAuthentication } = options
  const registered =
    clients.find((client) => client.issuer === issuer) ?? clients.find((client) => client.issuer === undefined)
  if (registered !== undefined) {
    const authentication = registered.authentication ?? secretAuthentication(registered)
    const theirs = registered.issuer === undefined ? await bindIssuer(registered.clientId, context) : undefined
    if (theirs !== undefined) {
      throw new AuthError('wrong_authorization_server', belongsTo(theirs, issuer), { issuer })
    }
    return { clientId: registered.clientId, authentication, isRemembered: false }
  }
  if (clients.length > 0) {
    const theirs = clients.map((client) => client.issuer).join(', ')
    throw new AuthError('wrong_authorization_server', belongsTo(theirs, issuer), { issuer })
  }
  if (clientIdUrl !== undefined && server.clientIdDocuments) {
    return {
      clientId: clientIdUrl,
      authentication: clientIdAuthentication ?? publicClient(clientIdUrl),
      isRemembered: false,
    }
  }
  if (server.registrationEndpoint === undefined) {
    const message = `${issuer} registers no clients${server.clientIdDocuments ? ' except by a client id URL' : ''}; register one there by hand and hand in its id with the option client`
    throw new AuthError('no_client_id', message, { issuer })
  }
  return register(uri, context, options)
}

/** Finds or makes the registration with this authorization server; one process of those that share a store makes it. */
async function register(
  redirectUri: string,
  context: GrantContext,
  options: AuthorizationCodeOptions,
): Promise<Client> {
  const { discovery, store, http, now, signal } = context
  const { server } = discovery
  const key = registrationKey(server.issuer)
  await using _held = await store.lock(key, signal)
  const text = await store.read(key)
  const found = parseRegistration(text)
  const usable =
    found !== undefined &&
    found.issuer === server.issuer &&
    found.redirectUris.includes(redirectUri) &&
    (found.secretExpiresAt === undefined || found.secretExpiresAt > now())
  if (usable) return { clientId: found.clientId, authentication: secretAuthentication(found), isRemembered: true }
  const { clientName, clientMetadata } = options
  const made = await registerClient(server, { redirectUri, clientName, metadata: clientMetadata, http, signal })
  await store.write(key, JSON.stringify(made), text)
  return { clientId: made.clientId, authentication: secretAuthentication(made), isRemembered: false }
}

function belongsTo(theirs: string, issuer: string): string {
  return `the server now wants tokens of ${issuer}, and the client that was handed in belongs to ${theirs}; register it with ${issuer} too and hand both in, each with its issuer`
}

async function readRegistration({ discovery, store }: GrantContext): Promise<Registration | undefined> {
  const { issuer } = discovery.server
  const found = parseRegistration(await store.read(registrationKey(issuer)))
  return found?.issuer === issuer ? found : undefined
}

async function forgetRegistration(issuer: string, clientId: string, { store, signal }: GrantContext): Promise<void> {
  const key = registrationKey(issuer)
  await using _held = await store.lock(key, signal)
  const text = await store.read(key)
  if (parseRegistration(text)?.clientId === clientId) await store.write(key, undefined, text)
}

function registrationKey(issuer: string): string {
  return `registration ${issuer}`
}

function publicClient(clientId: string): ClientAuthentication {
  return secretAuthentication({ clientId, authMethod: 'none' })
}
