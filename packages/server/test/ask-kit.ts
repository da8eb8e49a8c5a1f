/** What the tests of `ask` share: a server of one tool, forms, and clients that answer them. */
import type { InputRequest, JsonObject } from '@bao-mcp/protocol/engine'
import type { CallContext } from '../src/context.ts'
import { digestOf } from '../src/digest.ts'
import { type Tool, type ToolDefinition, tool } from '../src/registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../src/server.ts'

export type Run = (args: JsonObject, call: CallContext) => unknown

/** A server whose tool `it` does what a test says. */
export function serverWith(run: Run, more: Partial<ToolDefinition> = {}, options: Partial<ServerOptions> = {}): Server {
  // proof: what a handler returns at runtime is what the tests are about
  const one: Tool = tool({ name: 'it', ...more, run } as unknown as ToolDefinition)
  return createServer({ name: 's', version: '1', tools: [one], ...options })
}

export const form = (
  message: string,
): {
  method: 'elicitation/create'
  params: { message: string; requestedSchema: { type: 'object'; properties: Record<string, never> } }
} => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties: {} } },
})

/** Takes more turns than any round does: sealing, sending, answering and opening. */
export async function longerThanARound(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await digestOf(turn)
}

/** Answers a form with what it asked. */
export const echo = ({ params }: InputRequest): JsonObject => ({
  action: 'accept',
  content: { heard: params?.message },
})
export const heard = async ({ ask }: CallContext, key: string, message: string = key): Promise<unknown> =>
  (await ask(key, form(message))).content?.heard
export const messages = (questions: readonly InputRequest[]): unknown[] =>
  questions.map(({ params }) => params?.message)
