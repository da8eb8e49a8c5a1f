import type { Era } from '@bao-mcp/protocol/revisions'
import type { Direction } from './tap.ts'
import type { Painter } from './terminal.ts'

/** One message of a conversation. */
export interface Scene {
  era: Era
  /** Milliseconds since the conversation began. */
  atMs: number
  direction: Direction
  message: unknown
}

const INDENT = 11

export interface SceneStyle {
  paint: Painter
  /** Columns a line may take. */
  width: number
  /** Leaves out the metadata that repeats with every message, so that the rest can be seen. */
  brief: boolean
}

/** One message as a line: when, which way, what it is, and its JSON. */
export function sceneLine({ atMs, direction, message }: Scene, { paint, width, brief }: SceneStyle): string {
  const out = direction === 'to server'
  const time = atMs.toFixed(1).padStart(8)
  const label = labelOf(message).padEnd(28)
  const json = JSON.stringify(bodyOf(message), brief ? withoutMetadata : undefined) ?? ''
  const room = Math.max(20, width - INDENT - label.length - 1)
  const shown = json.length > room ? `${json.slice(0, room - 1)}…` : json
  const arrow = out ? paint.cyan('→') : paint.green('←')
  const name = isFailure(message) ? paint.red(label) : out ? paint.cyan(label) : paint.green(label)
  return `${paint.dim(time)} ${arrow} ${name} ${paint.dim(shown)}`
}

function withoutMetadata(key: string, value: unknown): unknown {
  return key === '_meta' || key === 'resultType' || key === '$schema' ? undefined : value
}

function labelOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return 'unreadable'
  const id = 'id' in message ? ` #${String(message.id)}` : ''
  if ('method' in message) return `${String(message.method)}${id}`
  return 'error' in message ? `error${id}` : `result${id}`
}

function bodyOf(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message
  if ('params' in message) return message.params
  if ('result' in message) return message.result
  return 'error' in message ? message.error : undefined
}

function isFailure(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'error' in message
}
