import type { Authorizer } from './authorizer.ts'
import { type MachineClient, machineAuthentication } from './machine-client.ts'
import { machineGrant } from './machine-grant.ts'
import { commonOptions, type OAuthCommonOptions } from './oauth.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'

export interface ClientCredentialsOptions extends MachineClient, OAuthCommonOptions {
  /** The authorization server that knows the client. Default: the first that a server names. */
  issuer?: string
}

/**
 * Gets tokens in the name of the program itself. Nothing is asked before the server wants a token, and the secret or
 * assertion goes to one authorization server only.
 * @throws {AuthError} `invalid_options`
 * @see https://github.com/modelcontextprotocol/ext-auth/blob/main/specification/stable/oauth-client-credentials.mdx
 */
export function clientCredentials(options: ClientCredentialsOptions): Authorizer {
  const { clientId, issuer, chooseServer, now } = options
  const client = machineAuthentication(options, { what: 'clientCredentials()', mayBePublic: false, now })
  const grant = machineGrant({
    name: `client_credentials ${clientId}`,
    clientId,
    issuer,
    chooseServer,
    prepare: () => ({ params: { grant_type: 'client_credentials' }, client }),
  })
  return createTokenAuthorizer({ ...commonOptions(options), grant, offline: false })
}
