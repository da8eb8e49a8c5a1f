import { type Client, type ConnectOptions, connect, memory } from '@bao-mcp/client'
import { serveChannel } from '@bao-mcp/server'
import type { RoleName } from '../../fake/seed/accounts.ts'
import { type FakeJira, type FakeJiraOptions, startFakeJira } from '../../fake/start-fake-jira.ts'
import type { JiraPort } from '../../jira/port.ts'
import { type Bridge, createBridge } from '../bridge.ts'
import { connectJira, type ConnectOptions as JiraOptions } from '../connect.ts'
import { type Flags, GROUPS } from '../flags.ts'

export interface OpenBridge extends AsyncDisposable {
  fake: FakeJira
  jira: JiraPort
  bridge: Bridge
  client: Client
  /** What went to the log, one line each. */
  logged: string[]
  names(): Promise<string[]>
}

export interface OpenBridgeOptions {
  fake?: FakeJiraOptions
  /** Who is signed in. */
  role?: RoleName
  flags?: Partial<Flags>
  client?: ConnectOptions
  /** How requests reach the fake. */
  jira?: Pick<JiraOptions, 'clock' | 'maxWaitMs'>
  /** Whether Jira stands behind the gateway of scoped tokens, and has to be asked for its own address. */
  isGateway?: boolean
  /** Answers instead of the fake; undefined lets it answer. */
  answer?: (request: { method: string; path: string }) => Response | undefined
}

const GATEWAY = 'https://api.atlassian.com/ex/jira/some-site'

/** A bridge in this process, in front of a fake Jira of its own, with a client that is connected to it. */
export async function openBridge(options: OpenBridgeOptions = {}): Promise<OpenBridge> {
  const { role = 'product-owner', flags = {}, isGateway = false, answer } = options
  const fake = await startFakeJira(options.fake)
  const { email, apiToken: token } = fake.credentialsOf(role)
  const onStrangeAnswer = (message: string): never => {
    throw new Error(message)
  }
  const url = isGateway ? GATEWAY : fake.url
  const jira = await connectJira(
    { kind: 'cloud', url, email, token },
    {
      onStrangeAnswer: answer === undefined ? onStrangeAnswer : () => undefined,
      maxWaitMs: 0,
      ...options.jira,
      async fetch(address, init) {
        const path = address.slice(url.length)
        return answer?.({ method: init.method ?? 'GET', path }) ?? fetch(`${fake.url}${path}`, init)
      },
    },
  )
  const logged: string[] = []
  const write = (message: string): void => void logged.push(message)
  const bridge = createBridge({
    jira,
    flags: { write: true, groups: new Set(GROUPS), ...flags },
    log: { info: write, warning: write },
  })
  const client = await connect(
    memory((channel) => {
      serveChannel(bridge.server, channel)
    }),
    options.client,
  )
  return {
    fake,
    jira,
    bridge,
    client,
    logged,
    names: async () => (await client.listTools()).map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      await client.close()
      await fake.close()
    },
  }
}
