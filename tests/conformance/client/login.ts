import type { Authorizer } from '@bao-mcp/client'
import { type OAuthOptions, oauth } from '@bao-mcp/client/auth'
import { followRedirect } from './browser.ts'
import type { Situation } from './situation.ts'
import { type Scenario, talk, textOf } from './talk.ts'

/** Where the document about this client would be served. */
const clientIdUrl = 'https://conformance-test.local/client-metadata.json'

/** Uses a server that wants somebody to log in. */
export const logIn: Scenario = (situation) => visit(situation, oauth(loginOptions(situation)))

/** The same with a token that is bound to a key. */
export const logInBound: Scenario = (situation) =>
  visit(situation, oauth({ ...loginOptions(situation), dpop: { required: true } }))

/** Lists the tools of a server and calls one, each as whoever the server wants. */
export async function visit(situation: Situation, auth: Authorizer): Promise<void> {
  await using client = await talk(situation, { auth })
  await client.listTools()
  await textOf(client, 'test-tool')
}

/** How somebody logs in here; with the client that the scenario has registered, if it has. */
function loginOptions({ context }: Situation): OAuthOptions {
  const clientId = context.optionalText('client_id')
  const options: OAuthOptions = {
    clientIdUrl,
    redirect: followRedirect,
    redirectUri: 'http://localhost:3000/callback',
  }
  if (clientId === undefined) return options
  return {
    ...options,
    client: { clientId, clientSecret: context.text('client_secret'), issuer: context.text('issuer') },
  }
}
