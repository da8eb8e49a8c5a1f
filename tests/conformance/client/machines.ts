import { clientCredentials, enterpriseManaged, workloadIdentity } from '@bao-mcp/client/auth'
import { visit } from './login.ts'
import type { Scenario } from './talk.ts'

/** A program that proves itself with a signature. */
export const signIn: Scenario = (situation) => {
  const { context } = situation
  const clientId = context.text('client_id')
  const privateKey = context.text('private_key_pem')
  return visit(situation, clientCredentials({ clientId, privateKey, algorithm: context.text('signing_algorithm') }))
}

/** A program that has a secret. */
export const showSecret: Scenario = (situation) => {
  const { context } = situation
  const clientId = context.text('client_id')
  return visit(situation, clientCredentials({ clientId, clientSecret: context.text('client_secret') }))
}

/** A person who is logged in at their company. */
export const comeFromCompany: Scenario = (situation) => {
  const { context } = situation
  const idp = {
    issuer: context.text('idp_issuer'),
    tokenEndpoint: context.text('idp_token_endpoint'),
    clientId: context.text('idp_client_id'),
    subjectToken: () => context.text('idp_id_token'),
  }
  const clientId = context.text('client_id')
  return visit(situation, enterpriseManaged({ idp, clientId, clientSecret: context.text('client_secret') }))
}

/** A workload that its platform vouches for. */
export const comeFromPlatform: Scenario = (situation) => {
  const { context } = situation
  const clientId = context.text('client_id')
  return visit(situation, workloadIdentity({ clientId, assertion: () => context.text('valid_jwt') }))
}
