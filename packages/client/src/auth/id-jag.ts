import type { AuthHttp } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { postGrant } from './token-endpoint.ts'

/** What a person got when they logged in at their company, or what that was exchanged for. */
export type SubjectTokenType = 'id_token' | 'saml2' | 'refresh_token'

export interface IdJagRequest {
  idp: AuthorizationServer
  client: ClientAuthentication
  subjectToken: string
  subjectTokenType: SubjectTokenType
  /** Issuer of the authorization server that is to take it. */
  audience: string
  /** The MCP server. */
  resource: string
  scopes: readonly string[]
  http: AuthHttp
  signal: AbortSignal
}

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'
const KNOWN_TYPE = /^urn:ietf:params:oauth:token-type:[a-z0-9_-]{1,20}$/

/**
 * Asks an identity provider for a grant that another authorization server takes: an identity assertion (ID-JAG).
 * @throws {AuthError} `token_refused`, `unsupported_token` when something else came, `unreachable`
 * @throws the signal's reason
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2.1
 * @see https://github.com/modelcontextprotocol/ext-auth/blob/main/specification/stable/enterprise-managed-authorization.mdx
 */
export async function requestIdJag(request: IdJagRequest): Promise<string> {
  const { idp, client, subjectToken, subjectTokenType, audience, resource, scopes, http, signal } = request
  const body = await postGrant({
    server: idp,
    params: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: ID_JAG,
      audience,
      resource,
      scope: scopes.length === 0 ? undefined : scopes.join(' '),
      subject_token: subjectToken,
      subject_token_type: `urn:ietf:params:oauth:token-type:${subjectTokenType}`,
    },
    client,
    http,
    signal,
  })
  // an access token for the identity provider itself must never be passed on to anybody
  if (body.issued_token_type === ID_JAG && typeof body.access_token === 'string') return body.access_token
  const { issued_token_type: type } = body
  const got = typeof type === 'string' && KNOWN_TYPE.test(type) ? type : 'none of those that are known'
  const message = `${idp.issuer} gave a token with the issued_token_type ${got}, expected ${ID_JAG}; its administrator has to allow cross-app access`
  throw new AuthError('unsupported_token', message, { issuer: idp.issuer })
}
