import { cloudDialect, dataCenterDialect } from '../jira/dialect.ts'
import { createJiraHttp, type JiraHttpOptions } from '../jira/http.ts'
import { createJira } from '../jira/jira.ts'
import type { JiraPort } from '../jira/port.ts'
import { type Credentials, isGateway } from './credentials.ts'

export type ConnectOptions = Pick<JiraHttpOptions, 'clock' | 'fetch' | 'maxWaitMs' | 'timeoutMs'> & {
  /** Told of answers that are not as Jira documents them. */
  onStrangeAnswer?: (message: string) => void
}

/** Opens the Jira these credentials are for. Sends nothing yet. What speaks to the other kind of Jira is not loaded. */
export async function connectJira(
  credentials: Exclude<Credentials, { kind: 'demo' }>,
  { onStrangeAnswer, ...options }: ConnectOptions = {},
): Promise<JiraPort> {
  const { kind, url, token } = credentials
  const site = isGateway(url) ? {} : { site: url }
  switch (kind) {
    case 'cloud': {
      const { cloudWire } = await import('../jira/cloud.ts')
      const http = createJiraHttp({
        ...options,
        baseUrl: url,
        authorization: `Basic ${base64(`${credentials.email}:${token}`)}`,
        secrets: [token],
        credentials: 'JIRA_EMAIL and JIRA_API_TOKEN',
      })
      const wire = cloudWire(http, {
        onSchemaMismatch: ({ endpoint, faults }) => onStrangeAnswer?.(`${endpoint}: ${faults.join('; ')}`),
      })
      return createJira({ wire, dialect: cloudDialect, clock: options.clock, ...site })
    }
    case 'data-center': {
      const { dataCenterWire } = await import('../jira/data-center.ts')
      const http = createJiraHttp({
        ...options,
        baseUrl: url,
        authorization: `Bearer ${token}`,
        secrets: [token],
        credentials: 'JIRA_PERSONAL_TOKEN',
      })
      return createJira({ wire: dataCenterWire(http), dialect: dataCenterDialect, clock: options.clock, ...site })
    }
    default:
      return kind satisfies never
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
