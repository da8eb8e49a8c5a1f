import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { bindIssuer } from './bind-issuer.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import type { Grant, GrantContext } from './grant.ts'
import { requestToken } from './token-endpoint.ts'

export interface MachineGrantOptions {
  /** As {@link Grant.name}. */
  name: string
  /** Undefined when the authorization server knows the caller by something else. */
  clientId: string | undefined
  /** The authorization server the credentials are for. Default: the first they are shown to. */
  issuer: string | undefined
  chooseServer: Grant['chooseServer']
  /** What is sent besides `resource` and `scope`. @throws {AuthError} */
  prepare(context: GrantContext): MaybePromise<MachineRequest>
}

export interface MachineRequest {
  params: Readonly<Record<string, string>>
  client: ClientAuthentication
}

/** A grant that needs nobody's presence: one token request, and another one in place of a refresh. */
export function machineGrant({ name, clientId, issuer, chooseServer, prepare }: MachineGrantOptions): Grant {
  return {
    name,
    unattended: true,
    chooseServer: chooseServer ?? ((issuers) => issuers.find((each) => each === issuer) ?? issuers[0] ?? ''),
    async obtain(context) {
      await requireOwnServer(context, { issuer, name: clientId ?? `workload ${context.discovery.resource}` })
      const { discovery, scopes, proof, http, signal } = context
      const { params, client } = await prepare(context)
      const { resource, server } = discovery
      const scope = scopes.length === 0 ? undefined : scopes.join(' ')
      const token = await requestToken({ server, params: { ...params, resource, scope }, client, proof, http, signal })
      // "A refresh token SHOULD NOT be included": what gave this token gives the next one as well
      return { token: { ...token, refreshToken: undefined }, clientId: clientId ?? name }
    },
    async authenticationOf() {
      return undefined
    },
  }
}

/** Credentials of a machine are sent to their own authorization server, whatever a server says. */
async function requireOwnServer(
  context: GrantContext,
  { issuer, name }: { issuer: string | undefined; name: string },
): Promise<void> {
  const { server } = context.discovery
  if (issuer === undefined && server.found === 'guessed') {
    const message = `${server.issuer} does not say who gives tokens for it, so the credentials are not sent there; if it does so itself, hand in the option issuer: ${JSON.stringify(server.issuer)}`
    throw new AuthError('no_metadata', message, { issuer: server.issuer })
  }
  const theirs = issuer === undefined ? await bindIssuer(name, context) : issuer === server.issuer ? undefined : issuer
  if (theirs === undefined) return
  const message = `the server wants tokens of ${server.issuer}, and these credentials belong to ${theirs}, so they are not sent there; if both are right, hand in the option issuer with credentials of ${server.issuer}`
  throw new AuthError('wrong_authorization_server', message, { issuer: server.issuer })
}
