import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import type { Authorizer } from './authorizer.ts'
import { type ClientAuthentication, secretAuthentication } from './client-authentication.ts'
import type { Grant, GrantContext } from './grant.ts'
import { jwtBearer } from './jwt-bearer.ts'
import { machineGrant } from './machine-grant.ts'
import { commonOptions, type OAuthCommonOptions } from './oauth.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'

/** What an assertion is to be good for. */
export interface AssertionTarget {
  /** The authorization server, which most take for the audience... */
  readonly issuer: string
  /** ...while some want the place it is presented at; undefined when the metadata names none. */
  readonly tokenEndpoint: string | undefined
  /** The MCP server that the token is for. */
  readonly resource: string
  readonly signal: AbortSignal
}

export interface WorkloadIdentityOptions extends OAuthCommonOptions {
  /** Gives the JWT that the platform issued for this workload; asked anew for each token. */
  assertion: (target: AssertionTarget) => MaybePromise<string>
  /** Sent along where the authorization server wants to know; proves nothing. */
  clientId?: string
  /** The authorization server that trusts the platform. Default: the first that the server names. */
  issuer?: string
}

const WHAT = 'the assertion of workloadIdentity()'
const NO_AUTHENTICATION: ClientAuthentication = { secrets: [], apply: () => undefined }

/**
 * Gets tokens for the identity that a platform gave to this workload: a JWT of the platform is presented, and there is no
 * secret. An assertion that was refused is not presented again.
 * @throws {AuthError} `invalid_options`
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 */
export function workloadIdentity(options: WorkloadIdentityOptions): Authorizer {
  const { assertion, clientId, issuer, chooseServer } = options
  if (typeof assertion !== 'function') {
    throw new AuthError('invalid_options', `${WHAT} must be a function that gives it, got ${typeof assertion}`)
  }
  if (clientId === '') throw new AuthError('invalid_options', 'workloadIdentity() got an empty clientId')
  const client = clientId === undefined ? NO_AUTHENTICATION : secretAuthentication({ clientId, authMethod: 'none' })
  const grant = withoutRepeats((presented) =>
    machineGrant({
      name: `workload ${clientId ?? ''}`.trimEnd(),
      clientId,
      issuer,
      chooseServer,
      async prepare(context) {
        const { discovery, signal } = context
        const { issuer, tokenEndpoint } = discovery.server
        const target = { issuer, tokenEndpoint: tokenEndpoint?.href, resource: discovery.resource, signal }
        const request = jwtBearer(await assertion(target), { client, what: WHAT, fault: 'invalid_options' })
        presented(request.params.assertion, context)
        return request
      },
    }),
  )
  return createTokenAuthorizer({ ...commonOptions(options), grant, offline: false })
}

/** Remembers what was refused: the same assertion for the same thing would be refused again, and count as an attack. */
function withoutRepeats(
  make: (presented: (assertion: string | undefined, context: GrantContext) => void) => Grant,
): Grant {
  let attempt: string | undefined
  let refused: { attempt: string | undefined; error: AuthError } | undefined
  const grant = make((assertion, { discovery, scopes }) => {
    attempt = [discovery.server.issuer, discovery.resource, scopes.join(' '), assertion].join('\n')
    if (refused?.attempt === attempt) throw refused.error
  })
  return {
    ...grant,
    async obtain(context) {
      try {
        return await grant.obtain(context)
      } catch (failure) {
        if (failure instanceof AuthError && failure.code === 'token_refused') refused = { attempt, error: failure }
        throw failure
      }
    },
  }
}
