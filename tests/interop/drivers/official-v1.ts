import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { type Driver, type Launch, type Reply, readAnswer } from './driver.ts'

/** It gives a message of 10 MiB up unless it is told otherwise. */
const MAX_BUFFER_SIZE = 64 * 1024 * 1024

/** Connects the official client of the first generation. */
export async function openOfficialV1(launch: Launch): Promise<Driver> {
  const changed = Promise.withResolvers<void>()
  let asked = 0
  let reply: Reply = { action: 'cancel' }
  const client = new Client({ name: 'official-v1', version: '1.0.0' }, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, () => {
    asked++
    return { ...reply }
  })
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve())
  const transport = new StdioClientTransport({ ...launch, stderr: 'ignore', maxBufferSize: MAX_BUFFER_SIZE })
  await client.connect(transport)

  return {
    era: 'legacy',
    // this client keeps the negotiated version to itself
    version: undefined,
    get reply() {
      return reply
    },
    set reply(next) {
      reply = next
    },
    get asked() {
      return asked
    },
    toolsChanged: changed.promise,
    async listTools() {
      return (await client.listTools()).tools.map(({ name }) => name)
    },
    async call(name, args = {}, { signal, onProgress } = {}) {
      const result = await client.callTool({ name, arguments: args }, undefined, {
        ...(signal !== undefined && { signal }),
        ...(onProgress !== undefined && { onprogress: ({ progress }) => onProgress(progress) }),
      })
      return readAnswer(result)
    },
    ping: () => client.ping(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}
