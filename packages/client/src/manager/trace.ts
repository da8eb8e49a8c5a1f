import { isJsonObject, soundsSecret } from '@bao-mcp/protocol/engine'
import { describeCommand } from '../transports/describe-command.ts'
import type { TapMessage } from './tap.ts'

/** Longest text that is shown of params, a result or an error, in UTF-16 units. */
const SHOWN = 160
/** What is looked at of it. */
const LONGEST_READ = 4_096

/**
 * One line for one message, fit for a terminal: cut, without `_meta`, control characters and whatever looks like a
 * secret.
 */
export function traceLine({ server, direction, message }: TapMessage): string {
  const arrow = direction === 'sent' ? '->' : '<-'
  const words = Array.isArray(message) ? `batch of ${message.length}` : describe(message)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return `[bao] ${server} ${arrow} ${words}`.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}

function describe(message: unknown): string {
  if (!isJsonObject(message)) return shown(message)
  const { id, method, params, result, error } = message
  const number = id === undefined ? '' : ` #${String(id).slice(0, 20)}`
  if (typeof method === 'string') {
    const name = isJsonObject(params) && typeof params.name === 'string' ? ` ${params.name.slice(0, 64)}` : ''
    const what = name === '' || !isJsonObject(params) ? params : params.arguments
    return `${method.slice(0, 64)}${number}${name}${what === undefined ? '' : ` ${shown(what)}`}`
  }
  if (isJsonObject(error)) return `error${number} ${String(error.code)} ${shown(error.message)}`
  return `result${number} ${shown(result)}`
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, hideSecret) ?? '')
  const line = describeCommand(text.slice(0, LONGEST_READ))
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line
}

function hideSecret(key: string, value: unknown): unknown {
  if (key === '_meta') return undefined
  return soundsSecret(key) && (typeof value === 'string' || typeof value === 'object') ? '***' : value
}
