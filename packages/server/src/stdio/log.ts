import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { environment, isTerminal } from '#runtime/process'
import { writeStderr } from '#runtime/stderr'
import type { ServerLog } from '../serving.ts'

/** What is logged: this level and everything graver. */
export type LogThreshold = 'debug' | 'info' | 'warning' | 'error' | 'silent'

export interface LoggerOptions {
  /** Default: the environment's `BAO_LOG`, where that names a level. */
  level?: LogThreshold
  /** What is shown where neither `level` nor the environment says. Default `warning`. */
  usual?: LogThreshold
  /** Takes one or more whole lines. Default: stderr. */
  write?: (text: string) => void
  /** Default: when stderr is a terminal and `NO_COLOR` is unset. */
  colour?: boolean
  clock?: Clock
}

type Level = Exclude<LogThreshold, 'silent'>

const STDERR = 2
const LEVELS: readonly LogThreshold[] = ['debug', 'info', 'warning', 'error', 'silent']
const COLOURS: Readonly<Record<Level, string>> = { debug: '2', info: '36', warning: '33', error: '31' }
const MAX_MESSAGE_LENGTH = 1000
const MAX_CAUSE_LINES = 30
/** Times one message is written per window; what is over is counted and told when the window has passed. */
const MAX_REPEATS = 5
const REPEAT_WINDOW_MS = 60_000
/** Messages whose repeats are counted at a time. */
const MAX_COUNTED = 200

/**
 * The log of a stdio server: lines like `[bao] warning: …` on stderr. Control characters are escaped, messages are cut, and
 * a message that repeats is counted instead of written, so that a log can neither be forged nor flooded.
 */
export function createLogger(options: LoggerOptions = {}): ServerLog {
  const {
    usual = 'warning',
    level = thresholdFromEnvironment() ?? usual,
    write = writeStderr,
    clock = systemClock,
  } = options
  const threshold = LEVELS.indexOf(level)
  const counted = new Map<string, { since: number; times: number }>()
  let { colour } = options

  function log(at: Level, message: string, cause?: unknown): void {
    if (LEVELS.indexOf(at) < threshold) return
    const text = cut(escapeControls(message))
    const missed = countRepeat(`${at} ${text}`)
    if (missed === undefined) return
    colour ??= isTerminal(STDERR) && !environment('NO_COLOR')
    const name = colour ? `\x1b[${COLOURS[at]}m${at}\x1b[0m` : at
    const more = missed === 0 ? '' : ` (and ${missed} more times before)`
    write(`[bao] ${name}: ${text}${more}\n${cause === undefined ? '' : describeCause(cause)}`)
  }

  /** How often this was left out in the window before; undefined when it is to be left out again. */
  function countRepeat(key: string): number | undefined {
    const now = clock.now()
    const known = counted.get(key)
    if (known !== undefined && now - known.since < REPEAT_WINDOW_MS) {
      known.times++
      return known.times > MAX_REPEATS ? undefined : 0
    }
    if (counted.size >= MAX_COUNTED) counted.clear()
    counted.set(key, { since: now, times: 1 })
    return known === undefined ? 0 : Math.max(0, known.times - MAX_REPEATS)
  }

  return {
    debug: (message) => log('debug', message),
    info: (message) => log('info', message),
    warning: (message) => log('warning', message),
    error: (message, cause) => log('error', message, cause),
  }
}

/** Control characters as they would be written in a string literal; a newline in a message must not start a log line. */
export function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`
}

/** An error's stack and those of its causes, indented. */
function describeCause(cause: unknown): string {
  const lines: string[] = []
  let next: unknown = cause
  while (next !== undefined && lines.length < MAX_CAUSE_LINES) {
    const text = next instanceof Error ? stackOf(next) : printable(next)
    lines.push(...text.split('\n'))
    next = next instanceof Error ? next.cause : undefined
  }
  return lines
    .slice(0, MAX_CAUSE_LINES)
    .map((line) => `    ${cut(escapeControls(line.trimEnd()))}\n`)
    .join('')
}

/** V8 begins a stack with name and message, other engines may not. */
function stackOf({ name, message, stack = '' }: Error): string {
  const title = `${name}: ${message}`
  return stack.startsWith(title) ? stack : `${title}\n${stack}`
}

function printable(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  } catch {
    // a cycle or a BigInt; the type still says something
    return Object.prototype.toString.call(value)
  }
}

function thresholdFromEnvironment(): LogThreshold | undefined {
  const wanted = environment('BAO_LOG')
  return LEVELS.find((level) => level === wanted)
}
