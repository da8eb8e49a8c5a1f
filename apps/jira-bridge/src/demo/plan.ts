import { BRIDGE_VARIABLES } from '../client/bridge-command.ts'
import type { JiraConnectOptions } from '../client/jira-client.ts'
import type { FakeCredentials } from '../fake/start-fake-jira.ts'
import { type Environment, readCredentials } from '../server/credentials.ts'
import { flagsFromEnvironment } from '../server/flags.ts'

/** What the demo does, and to which Jira. */
export type Plan =
  /** The Jira that comes along, where everything may be written. */
  | { readonly kind: 'own'; readonly project: string }
  /** Somebody's Jira; nothing is written without a project to write to. */
  | { readonly kind: 'real'; readonly url: string; readonly project?: string }

/** A project of the Jira that comes along. */
const OWN_PROJECT = 'DEMO'
/** So that a demo never changes a site that it was only shown: these hold whatever else the environment says. */
const READ_ONLY = { JIRA_WRITE: '0', JIRA_FLAGS_FILE: '' }

/**
 * Reads what the environment says. A real site is written to only with `JIRA_WRITE=1`, and only in the project that is named.
 * @throws {SettingsError} for an environment the bridge would refuse
 */
export function planDemo(env: Environment, project: string | undefined): Plan {
  const credentials = readCredentials(env)
  if (credentials.kind === 'demo') return { kind: 'own', project: project ?? OWN_PROJECT }
  const mayWrite = flagsFromEnvironment(env).write && project !== undefined
  return { kind: 'real', url: credentials.url, ...(mayWrite && { project }) }
}

/** How the bridge is told of the Jira, and of what it may do there. */
export function bridgeEnvironment(
  plan: Plan,
  own: { readonly url: string; readonly credentials: FakeCredentials } | undefined,
): Pick<JiraConnectOptions, 'env' | 'inheritEnv'> {
  if (own !== undefined) {
    const { email, apiToken } = own.credentials
    return {
      inheritEnv: [],
      env: { JIRA_URL: own.url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken, JIRA_WRITE: '1' },
    }
  }
  return { inheritEnv: BRIDGE_VARIABLES, ...(plan.project === undefined && { env: READ_ONLY }) }
}
