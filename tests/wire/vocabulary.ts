import { join } from 'node:path'
import type { RevisionDate } from '@bao-mcp/protocol'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Random } from '@bao-mcp/protocol/testing'

/** How the server of these tests is started. */
export const serverCommand: { command: string; args: string[] } = {
  command: process.execPath,
  args: [join(import.meta.dirname, 'fixtures', 'server.ts')],
}

/** Tools of that server that end by themselves. */
export const TOOLS: readonly string[] = [
  ...[
    'echo',
    'nothing',
    'rows',
    'date',
    'blocks',
    'full',
    'failure',
    'throws',
    'refuses',
    'unwritable',
    'later',
    'form',
  ],
  ...['page', 'sample', 'roots', 'byHand', 'typed', 'change', 'extra'],
]

/** Everything a client of a revision may declare. */
export function capabilitiesOf(revision: RevisionDate): JsonObject {
  const elicitation = revision >= '2025-11-25' ? { form: {}, url: {} } : {}
  return { sampling: {}, roots: {}, ...(revision >= '2025-06-18' && { elicitation }) }
}

/** A valid answer to a question. */
export function acceptance(random: Random, method: string): JsonObject {
  switch (method) {
    case 'sampling/createMessage':
      return { role: 'assistant', content: { type: 'text', text: 't' }, model: 'm' }
    case 'roots/list':
      return { roots: [{ uri: 'file:///a' }] }
    default:
      return random.pick<JsonObject>([
        { action: 'accept', content: { field: 'a' } },
        { action: 'decline' },
        { action: 'cancel' },
      ])
  }
}
