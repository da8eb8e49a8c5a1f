import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { readAnswer } from './driver.ts'
import {
  createHeard,
  type Heard,
  type HttpDriver,
  type HttpSettings,
  observedFetch,
  ROOTS,
  SAMPLED,
  USED_TOOL,
} from './http-driver.ts'

/** It keeps trying for as long as a test lasts. */
const MAX_RETRIES = 20

/** Connects the official client of the first generation over Streamable HTTP, and waits until it listens for changes. */
export async function openHttpV1(url: URL, settings: HttpSettings = {}): Promise<HttpDriver> {
  const heard = createHeard()
  const client = createClient(heard)
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: observedFetch(heard, settings.handshake),
    reconnectionOptions: {
      initialReconnectionDelay: 5,
      maxReconnectionDelay: 5,
      reconnectionDelayGrowFactor: 1,
      maxRetries: MAX_RETRIES,
    },
    ...(settings.token !== undefined && { requestInit: { headers: { authorization: `Bearer ${settings.token}` } } }),
  })
  // proof: the class implements the interface; its optional members only differ in how they say that they are absent
  await client.connect(transport as Transport)
  await heard.exchanges.until(({ method }) => method === 'GET')

  return {
    generation: 1,
    heard,
    era: 'legacy',
    version: transport.protocolVersion,
    get reply() {
      return heard.reply
    },
    set reply(next) {
      heard.reply = next
    },
    get asked() {
      return heard.questions.items.length
    },
    get sessionId() {
      return transport.sessionId
    },
    about: {
      server: client.getServerVersion(),
      capabilities: client.getServerCapabilities(),
      instructions: client.getInstructions(),
    },
    toolsChanged: heard.changes.until((kind) => kind === 'tools').then(() => undefined),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args = {}, { signal, onProgress, onPlace } = {}) {
      const result = await client.callTool({ name, arguments: args }, undefined, {
        ...(signal !== undefined && { signal }),
        ...(onPlace !== undefined && { onresumptiontoken: onPlace }),
        ...(onProgress !== undefined && { onprogress: ({ progress }) => onProgress(progress) }),
      })
      return readAnswer(result)
    },
    raw: (name, args = {}, signal) =>
      client.callTool({ name, arguments: { ...args } }, undefined, { ...(signal !== undefined && { signal }) }),
    async callLogging(level, name) {
      await client.setLoggingLevel(level)
      await client.callTool({ name })
    },
    async list(kind, cursor) {
      const page = { ...(cursor !== undefined && { cursor }) }
      switch (kind) {
        case 'tools': {
          const { tools, nextCursor } = await client.listTools(page)
          return { names: tools.map(({ name }) => name), nextCursor }
        }
        case 'prompts': {
          const { prompts, nextCursor } = await client.listPrompts(page)
          return { names: prompts.map(({ name }) => name), nextCursor }
        }
        case 'resources': {
          const { resources, nextCursor } = await client.listResources(page)
          return { names: resources.map(({ name }) => name), nextCursor }
        }
        case 'resourceTemplates': {
          const { resourceTemplates, nextCursor } = await client.listResourceTemplates(page)
          return { names: resourceTemplates.map(({ name }) => name), nextCursor }
        }
        default:
          return kind satisfies never
      }
    },
    read: (uri) => client.readResource({ uri }),
    prompt: (name, args) => client.getPrompt({ name, ...(args !== undefined && { arguments: args }) }),
    async complete(ref, name, value) {
      const { completion } = await client.complete({
        ref: 'prompt' in ref ? { type: 'ref/prompt', name: ref.prompt } : { type: 'ref/resource', uri: ref.template },
        argument: { name, value },
      })
      return completion.values
    },
    async subscribe(uri) {
      await client.subscribeResource({ uri })
      return {
        async end() {
          await client.unsubscribeResource({ uri })
        },
      }
    },
    ping: () => client.ping(),
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

function createClient(heard: Heard): Client {
  const client = new Client(
    { name: 'official-v1', version: '1.0.0' },
    { capabilities: { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: { listChanged: true } } },
  )
  client.onerror = (error) => heard.errors.add(error)
  client.setRequestHandler(ElicitRequestSchema, (question) => {
    heard.questions.add(question)
    return { ...heard.reply }
  })
  client.setRequestHandler(CreateMessageRequestSchema, (question) => {
    heard.questions.add(question)
    return question.params.tools === undefined ? SAMPLED : USED_TOOL
  })
  client.setRequestHandler(ListRootsRequestSchema, ({ method, params }) => {
    heard.questions.add({ method, params })
    return { roots: ROOTS }
  })
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => heard.logs.add(params))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard.updates.add(params.uri))
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => heard.changes.add('tools'))
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => heard.changes.add('prompts'))
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => heard.changes.add('resources'))
  return client
}
