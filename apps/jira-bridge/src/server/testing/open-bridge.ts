import { type Client, type ConnectOptions, connect, memory } from '@bao-mcp/client'
import { serveChannel } from '@bao-mcp/server'
import type { RoleName } from '../../fake/seed/accounts.ts'
import { type FakeJira, type FakeJiraOptions, startFakeJira } from '../../fake/start-fake-jira.ts'
import type { JiraPort } from '../../jira/port.ts'
import { type Bridge, createBridge } from '../bridge.ts'
import { connectJira } from '../connect.ts'
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
}

/** A bridge in this process, in front of a fake Jira of its own, with a client that is connected to it. */
export async function openBridge(options: OpenBridgeOptions = {}): Promise<OpenBridge> {
  const { role = 'product-owner', flags = {} } = options
  const fake = await startFakeJira(options.fake)
  const { email, apiToken: token } = fake.credentialsOf(role)
  const onStrangeAnswer = (message: string): never => {
    throw new Error(message)
  }
  const jira = await connectJira({ kind: 'cloud', url: fake.url, email, token }, { onStrangeAnswer, maxWaitMs: 0 })
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
