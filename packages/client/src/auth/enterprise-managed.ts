import type { MaybePromise } from '@bao-mcp/protocol/engine'
import type { AuthHttp } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { Authorizer } from './authorizer.ts'
import { type AuthorizationServer, discoverServer } from './discover-server.ts'
import { requestIdJag, type SubjectTokenType } from './id-jag.ts'
import { jwtBearer } from './jwt-bearer.ts'
import { type MachineClient, machineAuthentication } from './machine-client.ts'
import { machineGrant } from './machine-grant.ts'
import { commonOptions, type OAuthCommonOptions } from './oauth.ts'
import { safeUrl } from './safe-url.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'

/** Where a company's people log in, and what this client is there. */
export interface IdentityProvider extends MachineClient {
  issuer: string
  /** Default: what its metadata says. */
  tokenEndpoint?: string
  /** Gives what the person at hand got when they logged in; asked anew for each token. */
  subjectToken: (options: { signal: AbortSignal }) => MaybePromise<string>
  /** Default `id_token`. */
  subjectTokenType?: SubjectTokenType
}

export interface EnterpriseManagedOptions extends MachineClient, OAuthCommonOptions {
  idp: IdentityProvider
  /** The authorization server of the MCP server. Default: the first that the server names. */
  issuer?: string
}

/**
 * Gets tokens for a person whose company decides what they may use: the login at the company is exchanged for a grant, and
 * that for a token, without a page to be shown. A person other than before needs an authorizer, or an `account`, of their own.
 * @throws {AuthError} `invalid_options`
 * @see https://github.com/modelcontextprotocol/ext-auth/blob/main/specification/stable/enterprise-managed-authorization.mdx
 */
export function enterpriseManaged(options: EnterpriseManagedOptions): Authorizer {
  const { idp, clientId, issuer, chooseServer, now } = options
  const { subjectToken, subjectTokenType = 'id_token' } = idp
  const client = machineAuthentication(options, { what: 'enterpriseManaged()', mayBePublic: true, now })
  const idpClient = machineAuthentication(idp, { what: 'idp of enterpriseManaged()', mayBePublic: true, now })
  if (typeof subjectToken !== 'function') {
    throw new AuthError('invalid_options', 'idp of enterpriseManaged() needs the function subjectToken')
  }
  const find = identityProvider(idp)
  const grant = machineGrant({
    name: `enterprise ${clientId} ${idp.issuer}`,
    clientId,
    issuer,
    chooseServer,
    async prepare({ discovery, scopes, http, signal }) {
      const provider = await find(http, signal)
      const subject = await subjectToken({ signal })
      if (typeof subject !== 'string' || subject === '') {
        throw new AuthError(
          'invalid_options',
          'subjectToken gave no text; the person has to log in at the company first',
        )
      }
      const { resource, server } = discovery
      const grant = await requestIdJag({
        idp: provider,
        client: idpClient,
        subjectToken: subject,
        subjectTokenType,
        audience: server.issuer,
        resource,
        scopes,
        http,
        signal,
      })
      return jwtBearer(grant, { client, what: `the grant of ${idp.issuer}`, fault: 'unsupported_token' })
    },
  })
  return createTokenAuthorizer({ ...commonOptions(options), grant, offline: false })
}

/** Looks the identity provider up once. */
function identityProvider({
  issuer,
  tokenEndpoint,
}: IdentityProvider): (http: AuthHttp, signal: AbortSignal) => Promise<AuthorizationServer> {
  // whoever wrote the options may lead anywhere that can be trusted on the way
  const namedBy = new URL('http://localhost')
  const at = safeUrl(issuer, { what: 'the issuer of idp', namedBy })
  const given =
    tokenEndpoint === undefined ? undefined : safeUrl(tokenEndpoint, { what: 'tokenEndpoint of idp', namedBy })
  let found: AuthorizationServer | undefined
  return async (http, signal) => {
    if (given !== undefined) return configured(issuer, given)
    found ??= await discoverServer(issuer, { http, namedBy: at, signal })
    return found
  }
}

function configured(issuer: string, tokenEndpoint: URL): AuthorizationServer {
  return {
    issuer,
    tokenEndpoint,
    authorizationEndpoint: undefined,
    registrationEndpoint: undefined,
    scopesSupported: undefined,
    grantTypes: undefined,
    codeChallengeMethods: undefined,
    authMethods: undefined,
    authSigningAlgorithms: undefined,
    dpopAlgorithms: undefined,
    issInResponses: false,
    clientIdDocuments: false,
    found: 'published',
    isOrigin: false,
  }
}
