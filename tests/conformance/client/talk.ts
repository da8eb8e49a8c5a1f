import { type Client, type ConnectOptions, connect, type HttpClientOptions, http } from '@bao-mcp/client'
import type { Situation } from './situation.ts'

/** What the client does in one scenario. Rejects when something is not as it should be, or the server was refused. */
export type Scenario = (situation: Situation) => Promise<void>

export interface TalkOptions extends Pick<HttpClientOptions, 'auth'>, Pick<ConnectOptions, 'on' | 'pin'> {}

/**
 * Opens a connection as any application would: the client finds out by itself what the server speaks.
 * @throws {Error} when that is another version than the referee says
 */
export async function talk({ url, version }: Situation, options: TalkOptions = {}): Promise<Client> {
  const { on, pin, ...way } = options
  const client = await connect(http(url, way), {
    info: { name: 'everything', version: '1.0.0' },
    ...(pin !== undefined && { pin }),
    ...(on !== undefined && { on }),
  })
  if (client.version === version) return client
  await client.close()
  throw new Error(`the client speaks ${client.version} to a server of ${version}`)
}

/** Calls a tool that succeeds, and resolves to the text it gave. */
export async function textOf(client: Client, name: string, args: object = {}): Promise<string> {
  const { content, isError } = await client.callTool(name, args)
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  if (isError === true) throw new Error(`the tool ${name} failed: ${text}`)
  return text
}

export function expectText(given: string, expected: string): void {
  if (given !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(given)}`)
}
