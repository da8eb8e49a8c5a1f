import { isJsonObject } from '@bao-mcp/protocol/engine'
import { createServer, type Questions, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { createMcpHandler, inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { faultFor } from './fault-plan.ts'
import { type FaultProxy, openFaultProxy, type Passing } from './fault-proxy.ts'

/** `asking` asks before it does anything that counts, and is as plain as `plain`. */
export const TOOLS = ['plain', 'idempotent', 'read_only', 'asking'] as const
export const REPEATABLE: ReadonlySet<string> = new Set(['idempotent', 'read_only'])

/** Servers there are: ours, and the handler of the official SDK 2. */
export type Make = 'ours' | 'official'

export interface World extends AsyncDisposable {
  readonly proxy: FaultProxy
  /** Times each call has run. */
  readonly runs: ReadonlyMap<string, number>
}

/** Percent of the requests that open a conversation, and of the others, to which something happens. */
const OPENING_PERCENT = 6
const OTHER_PERCENT = 60

const ANNOTATIONS = { plain: {}, idempotent: { idempotentHint: true }, read_only: { readOnlyHint: true }, asking: {} }
const Input = z.object({ id: z.string() })

interface Serving {
  serve(request: Request): Response | Promise<Response>
  close(): Promise<void>
}

/** A server that counts how often each call runs, behind a way that strikes by the seed. */
export async function openWorld(seed: number, make: Make): Promise<World> {
  const runs = new Map<string, number>()
  const count = (id: string): void => void runs.set(id, (runs.get(id) ?? 0) + 1)
  const { serve, close } = make === 'ours' ? ours(count) : official(count)
  const times = new Map<string, number>()
  const proxy = await openFaultProxy({
    serve,
    faultOf(passing) {
      const { name, isOpening } = nameOf(passing)
      const time = times.get(name) ?? 0
      times.set(name, time + 1)
      // most conversations have to begin, or there is nothing to see
      return faultFor(seed, `${name} ${time}`, isOpening ? OPENING_PERCENT : OTHER_PERCENT)
    },
  })
  return {
    proxy,
    runs,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await close()
    },
  }
}

function ours(count: (id: string) => void): Serving {
  const tools = TOOLS.map((name) =>
    tool({
      name,
      annotations: ANNOTATIONS[name],
      input: Input,
      async run({ id }, call) {
        if (name === 'asking') await call.ask('sure', { method: 'elicitation/create', params: formOf(id) })
        count(id)
        call.progress(1, 2)
        await new Promise((resolve) => setImmediate(resolve))
        call.progress(2, 2)
        return `ran ${id}`
      },
    }),
  )
  const serve = httpHandler(createServer({ name: 'counting', version: '1.0.0', tools }), { keepAliveMs: 50 })
  return { serve, close: () => serve.close() }
}

function official(count: (id: string) => void): Serving {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'counting', version: '1.0.0' })
    for (const name of TOOLS) {
      server.registerTool(name, { inputSchema: Input, annotations: ANNOTATIONS[name] }, async ({ id }, { mcpReq }) => {
        if (name === 'asking' && inputResponse(mcpReq.inputResponses, 'sure').kind === 'missing') {
          return inputRequired({
            inputRequests: { sure: inputRequired.elicit({ message: id, requestedSchema: Input }) },
          })
        }
        count(id)
        const progressToken = mcpReq._meta?.progressToken
        if (progressToken !== undefined) {
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
        }
        return { content: [{ type: 'text', text: `ran ${id}` }] }
      })
    }
    return server
  })
  return { serve: (request) => handler.fetch(request), close: () => handler.close() }
}

function formOf(id: string): Questions['elicitation/create']['params'] {
  return { message: id, requestedSchema: { type: 'object', properties: { id: { type: 'string' } } } }
}

/** What tells a request from others, whatever order they come in. */
function nameOf({ method, path, body }: Passing): { name: string; isOpening: boolean } {
  const message: unknown = body === '' ? undefined : JSON.parse(body)
  const params = isJsonObject(message) && isJsonObject(message.params) ? message.params : {}
  const id = isJsonObject(params.arguments) ? params.arguments.id : undefined
  const words = isJsonObject(message) ? (message.method ?? JSON.stringify(message.result)) : method
  return { name: `${path} ${words} ${id}`, isOpening: id === undefined && method === 'POST' }
}
