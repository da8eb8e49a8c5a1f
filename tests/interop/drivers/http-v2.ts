import {
  Client,
  LOG_LEVEL_META_KEY,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
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
const quick = { autoRefresh: false, debounceMs: 0 }

export interface HttpV2Settings extends HttpSettings {
  mode: VersionNegotiationMode
}

/** Connects the official client of the second generation over Streamable HTTP, and waits until it listens for changes. */
export async function openHttpV2(url: URL, settings: HttpV2Settings): Promise<HttpDriver> {
  const heard = createHeard()
  const client = createClient(heard, settings)
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: observedFetch(heard, undefined),
    reconnectionOptions: {
      initialReconnectionDelay: 5,
      maxReconnectionDelay: 5,
      reconnectionDelayGrowFactor: 1,
      maxRetries: MAX_RETRIES,
    },
    ...(settings.token !== undefined && { requestInit: { headers: { authorization: `Bearer ${settings.token}` } } }),
  })
  await client.connect(transport)
  const era = client.getProtocolEra() ?? 'legacy'
  if (era === 'legacy') await heard.exchanges.until(({ method }) => method === 'GET')

  return {
    generation: 2,
    heard,
    era,
    version: client.getNegotiatedProtocolVersion(),
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
    listTools: async () => (await client.listTools(undefined, { cacheMode: 'bypass' })).tools.map(({ name }) => name),
    async call(name, args = {}, { signal, onProgress, onPlace } = {}) {
      const result = await client.callTool(
        { name, arguments: args },
        {
          ...(signal !== undefined && { signal }),
          ...(onPlace !== undefined && { onresumptiontoken: onPlace }),
          ...(onProgress !== undefined && { onprogress: ({ progress }) => onProgress(progress) }),
        },
      )
      return readAnswer(result)
    },
    raw: (name, args = {}, signal) =>
      client.callTool({ name, arguments: { ...args } }, { ...(signal !== undefined && { signal }) }),
    async callLogging(level, name) {
      if (era === 'legacy') await client.setLoggingLevel(level)
      await client.callTool({ name, ...(era === 'modern' && { _meta: { [LOG_LEVEL_META_KEY]: level } }) })
    },
    async list(kind, cursor) {
      // its own functions walk all pages by themselves
      const params = { ...(cursor !== undefined && { cursor }) }
      switch (kind) {
        case 'tools': {
          const { tools, nextCursor } = await client.request({ method: 'tools/list', params })
          return { names: tools.map(({ name }) => name), nextCursor }
        }
        case 'prompts': {
          const { prompts, nextCursor } = await client.request({ method: 'prompts/list', params })
          return { names: prompts.map(({ name }) => name), nextCursor }
        }
        case 'resources': {
          const { resources, nextCursor } = await client.request({ method: 'resources/list', params })
          return { names: resources.map(({ name }) => name), nextCursor }
        }
        case 'resourceTemplates': {
          const { resourceTemplates, nextCursor } = await client.request({ method: 'resources/templates/list', params })
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
      if (era === 'modern') {
        const subscription = await client.listen({ resourceSubscriptions: [uri] })
        return { end: () => subscription.close() }
      }
      await client.subscribeResource({ uri })
      return {
        async end() {
          await client.unsubscribeResource({ uri })
        },
      }
    },
    // the newer revision has no ping
    ping: () => (era === 'legacy' ? client.ping() : client.discover()),
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

function createClient(heard: Heard, { mode, handshake }: HttpV2Settings): Client {
  const client = new Client(
    { name: 'official-v2', version: '2.0.0' },
    {
      capabilities: { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: { listChanged: true } },
      versionNegotiation: { mode },
      listChanged: {
        tools: { ...quick, onChanged: () => heard.changes.add('tools') },
        prompts: { ...quick, onChanged: () => heard.changes.add('prompts') },
        resources: { ...quick, onChanged: () => heard.changes.add('resources') },
      },
      ...(handshake !== undefined && { supportedProtocolVersions: [handshake] }),
    },
  )
  client.onerror = (error) => heard.errors.add(error)
  client.setRequestHandler('elicitation/create', ({ method, params }) => {
    heard.questions.add({ method, params })
    return { ...heard.reply }
  })
  client.setRequestHandler('sampling/createMessage', ({ method, params }) => {
    heard.questions.add({ method, params })
    return params.tools === undefined ? SAMPLED : USED_TOOL
  })
  client.setRequestHandler('roots/list', ({ method, params }) => {
    heard.questions.add({ method, params })
    return { roots: ROOTS }
  })
  client.setNotificationHandler('notifications/message', ({ params }) => heard.logs.add(params))
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => heard.updates.add(params.uri))
  return client
}
