import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { type Driver, type Launch, type Reply, readAnswer } from './driver.ts'

/** It gives a message of 10 MiB up unless it is told otherwise. */
const MAX_BUFFER_SIZE = 64 * 1024 * 1024

export interface OfficialV2Options {
  mode: VersionNegotiationMode
  /** The handshake versions it offers, newest first. */
  supportedProtocolVersions?: string[]
}

/** Connects the official client of the second generation. */
export async function openOfficialV2(launch: Launch, options: OfficialV2Options): Promise<Driver> {
  const { mode, supportedProtocolVersions } = options
  const changed = Promise.withResolvers<void>()
  let asked = 0
  let reply: Reply = { action: 'cancel' }
  const client = new Client(
    { name: 'official-v2', version: '2.0.0' },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode },
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed.resolve() } },
      ...(supportedProtocolVersions !== undefined && { supportedProtocolVersions }),
    },
  )
  client.setRequestHandler('elicitation/create', () => {
    asked++
    return { ...reply }
  })
  await client.connect(new StdioClientTransport({ ...launch, stderr: 'ignore', maxBufferSize: MAX_BUFFER_SIZE }))
  const era = client.getProtocolEra() ?? 'legacy'

  return {
    era,
    version: client.getNegotiatedProtocolVersion(),
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
      return (await client.listTools(undefined, { cacheMode: 'bypass' })).tools.map(({ name }) => name)
    },
    async call(name, args = {}, { signal, onProgress } = {}) {
      const result = await client.callTool(
        { name, arguments: args },
        {
          ...(signal !== undefined && { signal }),
          ...(onProgress !== undefined && { onprogress: ({ progress }) => onProgress(progress) }),
        },
      )
      return readAnswer(result)
    },
    // the newer revision has no ping
    ping: () => (era === 'legacy' ? client.ping() : client.discover()),
    [Symbol.asyncDispose]: () => client.close(),
  }
}
