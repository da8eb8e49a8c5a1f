import type { Tool } from '@bao-mcp/protocol'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import { createFakeClock, type FakeClock } from '@bao-mcp/protocol/testing'
import { createVerdicts } from '../eras/verdicts.ts'
import { ofEra, type Script, type ScriptedTransport, scripted } from '../testing/scripted-server.test.kit.ts'
import { createSessionManager } from './create-manager.ts'
import type { ManagerEvent } from './events.ts'
import type { SessionManager } from './manager.ts'
import type { SessionManagerOptions } from './options.ts'

export const TOOLS: readonly Tool[] = [
  { name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'write', inputSchema: { type: 'object' } },
]

export const SAID: JsonObject = { resultType: 'complete', content: [{ type: 'text', text: 'said' }] }

/** A server with two tools that answers every call at once, unless the script does so first and returns true. */
export function helpful(
  script: (...args: Parameters<Script>) => boolean | undefined = () => false,
  {
    era = 'legacy',
    tools = () => TOOLS,
    greeting = {},
  }: { era?: Era; tools?: () => readonly Tool[]; greeting?: JsonObject } = {},
): ScriptedTransport {
  const answers = ofEra(
    era,
    (message, wire) => {
      if (message.method === 'ping') return wire.answer(message, {})
      if (message.method === 'tools/list') return wire.answer(message, { resultType: 'complete', tools: [...tools()] })
      if (message.method === 'tools/call') wire.answer(message, SAID)
    },
    greeting,
  )
  return scripted((message, wire) => {
    if (script(message, wire) !== true) answers(message, wire)
  })
}

/** A manager whose time stands still, and what it told. */
export interface Managed extends AsyncDisposable {
  readonly manager: SessionManager
  readonly clock: FakeClock
  readonly events: ManagerEvent[]
  /** Lets the wall clock go on without the other one, as a machine that sleeps does. */
  sleep(ms: number): void
  /** The states a server went through, in order. */
  states(server: string): string[]
}

export function managed(options: SessionManagerOptions = {}): Managed {
  const clock = createFakeClock()
  let sleptMs = 0
  const manager = createSessionManager({
    clock,
    wallClock: () => 1_000_000 + clock.now() + sleptMs,
    random: () => 0.5,
    verdicts: createVerdicts(clock),
    ...options,
  })
  const events: ManagerEvent[] = []
  const reading = (async () => {
    for await (const event of manager.events(0)) events.push(event)
  })()
  return {
    manager,
    clock,
    events,
    sleep(ms) {
      sleptMs += ms
    },
    states: (server) =>
      events.flatMap((event) => (event.kind === 'state' && event.server === server ? [event.to] : [])),
    async [Symbol.asyncDispose]() {
      await manager.close()
      await reading
    },
  }
}
