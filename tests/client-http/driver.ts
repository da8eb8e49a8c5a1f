import { type ConnectOptions, connect, http } from '@bao-mcp/client'
import { readAnswer } from '../interop/drivers/driver.ts'
import {
  type Changed,
  createHeard,
  type HttpDriver,
  type ListKind,
  ROOTS,
  SAMPLED,
  USED_TOOL,
} from '../interop/drivers/http-driver.ts'

const PATHS: Readonly<Record<ListKind, [method: string, member: string]>> = {
  tools: ['tools/list', 'tools'],
  prompts: ['prompts/list', 'prompts'],
  resources: ['resources/list', 'resources'],
  resourceTemplates: ['resources/templates/list', 'resourceTemplates'],
}

/** Connects our client over HTTP, and waits until it hears of changes. Strays are the errors it met. */
export async function openHttpBao(url: URL, options: ConnectOptions = {}): Promise<HttpDriver> {
  const heard = createHeard()
  const changed = Promise.withResolvers<void>()
  const change = (kind: Changed) => (): void => {
    if (kind === 'tools') changed.resolve()
    heard.changes.add(kind)
  }
  const client = await connect(http(url), {
    on: {
      elicitation: {
        form(params) {
          heard.questions.add({ method: 'elicitation/create', params })
          return heard.reply
        },
        url(params) {
          heard.questions.add({ method: 'elicitation/create', params })
          return { action: heard.reply.action }
        },
      },
      sampling: {
        tools: true,
        create(params) {
          heard.questions.add({ method: 'sampling/createMessage', params })
          return params.tools === undefined ? SAMPLED : USED_TOOL
        },
      },
      roots() {
        heard.questions.add({ method: 'roots/list', params: undefined })
        return ROOTS
      },
    },
    onToolsChanged: change('tools'),
    onPromptsChanged: change('prompts'),
    onResourcesChanged: change('resources'),
    onResourceUpdated: (uri) => heard.updates.add(uri),
    onLog: (message) => heard.logs.add(message),
    onStray: ({ message }) => heard.errors.add(message),
    ...options,
  })

  return {
    generation: 1,
    heard,
    era: client.era,
    version: client.version,
    get reply() {
      return heard.reply
    },
    set reply(next) {
      heard.reply = next
    },
    get asked() {
      return heard.questions.items.length
    },
    sessionId: undefined,
    about: { server: client.server, capabilities: client.capabilities, instructions: client.instructions },
    toolsChanged: changed.promise,
    listTools: async () => (await client.listTools()).map(({ name }) => name),
    async call(name, args = {}, { signal, onProgress } = {}) {
      const result = await client.callTool(name, args, {
        signal,
        ...(onProgress !== undefined && { onProgress: ({ progress }) => onProgress(progress) }),
      })
      return readAnswer(result)
    },
    raw: (name, args = {}, signal) => client.callTool(name, { ...args }, { signal }),
    async callLogging(level, name) {
      await client.setLogLevel(level)
      await client.callTool(name)
    },
    async list(kind, cursor) {
      const [method, member] = PATHS[kind]
      const result = await client.request(method, cursor === undefined ? {} : { cursor })
      const { [member]: listed, nextCursor } = result
      if (!Array.isArray(listed)) throw new TypeError(`${method} lists no ${member}`)
      return {
        names: listed.map(({ name }) => name),
        nextCursor: nextCursor === undefined ? undefined : String(nextCursor),
      }
    },
    read: (uri) => client.readResource(uri, { fresh: true }),
    prompt: (name, args) => client.getPrompt(name, args),
    async complete(ref, name, value) {
      const named =
        'prompt' in ref
          ? { type: 'ref/prompt' as const, name: ref.prompt }
          : { type: 'ref/resource' as const, uri: ref.template }
      return (await client.complete(named, { name, value })).values
    },
    async subscribe(uri) {
      await client.subscribe(uri)
      return { end: () => client.unsubscribe(uri) }
    },
    ping: () => client.ping(),
    terminate: () => client.close(),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}
