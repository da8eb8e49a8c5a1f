import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import type { Client } from '../client.ts'
import { type ConnectOptions, connect } from '../connect.ts'
import {
  type Incoming,
  ofEra,
  type ScriptedTransport,
  scripted,
  type Wire,
} from '../testing/scripted-server.test.kit.ts'
import type { TasksOptions } from './options.ts'
import { tasks } from './tasks.ts'

export const ID = 't-1'
export const INTERVAL_MS = 1000

/** What a server tells of the one task there is. */
export function told(state: JsonObject = {}): JsonObject {
  return {
    taskId: ID,
    status: 'working',
    createdAt: '2026-08-01T10:00:00Z',
    lastUpdatedAt: '2026-08-01T10:00:00Z',
    ttlMs: 60_000,
    pollIntervalMs: INTERVAL_MS,
    ...state,
  }
}

export const DONE: JsonObject = { status: 'completed', result: { content: [{ type: 'text', text: 'done' }] } }
export const FORM: JsonObject = {
  method: 'elicitation/create',
  params: { message: 'Sure?', requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } } },
}

export const asks = (...keys: string[]): JsonObject => ({
  status: 'input_required',
  inputRequests: Object.fromEntries(keys.map((key) => [key, FORM])),
})

/** A server whose every call becomes the one task. */
export interface TaskServer extends ScriptedTransport {
  /** What looks at the task see from now on. */
  state: JsonObject
  /** Answers a look in its own way; undefined for the state. */
  onGet: ((message: Incoming, wire: Wire) => boolean) | undefined
  /** How often a method was received. */
  count(method: string): number
  /** The answers that were brought, in order. */
  readonly answers: readonly JsonObject[]
}

export function taskServer(onOther: (message: Incoming, wire: Wire) => boolean = () => false): TaskServer {
  const transport = scripted(
    ofEra('modern', (message, wire) => {
      if (onOther(message, wire)) return
      switch (message.method) {
        case 'tools/call':
          return wire.answer(message, { resultType: 'task', ...told() })
        case 'tasks/get':
          if (server.onGet?.(message, wire) === true) return
          return wire.answer(message, { resultType: 'complete', ...told(server.state) })
        case 'tasks/update':
        case 'tasks/cancel':
          return wire.answer(message, { resultType: 'complete' })
      }
    }),
  )
  const own = {
    state: {},
    onGet: undefined,
    count: (method: string) => transport.methods.filter((one) => one === method).length,
    get answers() {
      return transport.received.flatMap(({ method, params }) =>
        method === 'tasks/update' && isJsonObject(params?.inputResponses) ? [params.inputResponses] : [],
      )
    },
  }
  // proof: all members of both, with their getters
  const server = Object.defineProperties(own, Object.getOwnPropertyDescriptors(transport)) as unknown as TaskServer
  return server
}

export interface Opened extends AsyncDisposable {
  readonly client: Client
  readonly clock: FakeClock
  /** Lets the server be looked at this many times, if it is. */
  looks(times: number): Promise<void>
}

/** Random numbers are the highest there can be, so that pauses are as long as they get. */
export async function openTo(
  server: TaskServer,
  options: ConnectOptions = {},
  taskOptions?: TasksOptions,
): Promise<Opened> {
  const clock = createFakeClock()
  const client = await connect(server, { clock, random: () => 1, extensions: [tasks(taskOptions)], ...options })
  return {
    client,
    clock,
    async looks(times) {
      await settle()
      const wanted = server.count('tasks/get') + times
      for (let second = 0; second < 1000 && server.count('tasks/get') < wanted; second++)
        await clock.advance(INTERVAL_MS)
      await settle()
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
