import { maskLine } from './mask-secrets.ts'

export const STDERR_TAIL_LINES = 50
/** Of all kept lines together; in UTF-16 units, like the next. */
export const STDERR_TAIL_LENGTH: number = 32 * 1024
export const STDERR_LINE_LENGTH = 2048

/** What is kept of a line before it is cleaned: escape sequences may make it much longer than what it shows. */
const RAW_LINE_LENGTH: number = 4 * STDERR_LINE_LENGTH

const ESC = String.fromCharCode(0x1b)
const BEL = String.fromCharCode(0x07)
/** Colours and cursor moves; window titles and links, up to their terminator; every other escape. */
const ESCAPES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]P_^X][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}[ -/]*[0-~]?`,
  'g',
)
/** Control characters, and those that turn the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu
/** A progress bar rewrites its line by a bare carriage return. */
const LINE_END = /\r?\n|\r/

/** The last lines of a server's stderr, fit to be shown: no secrets, no escape sequences, no control characters, no empty lines. */
export interface StderrTail {
  push(bytes: Uint8Array): void
  /** The pipe is over: what is left without a newline is the last line. */
  end(): void
  /** Oldest first: at most 50 lines, and 32 Ki UTF-16 units in all. */
  lines(): readonly string[]
}

/**
 * @param onLine is told every line whole, not only the last ones, and as it was written
 * @param secrets values that are hidden in the lines that are kept, besides what looks like one
 */
export function createStderrTail(onLine?: (line: string) => void, secrets: readonly string[] = []): StderrTail {
  const decoder = new TextDecoder()
  const kept: string[] = []
  let keptLength = 0
  let unfinished = ''

  function take(text: string): void {
    const lines = text.split(LINE_END)
    lines[0] = unfinished + (lines[0] ?? '')
    unfinished = (lines.pop() ?? '').slice(0, RAW_LINE_LENGTH)
    for (const line of lines) keep(line)
  }

  function keep(raw: string): void {
    const written = clean(raw)
    if (written === '') return
    const line = cut(maskLine(written, secrets))
    kept.push(line)
    keptLength += line.length
    while (kept.length > STDERR_TAIL_LINES || keptLength > STDERR_TAIL_LENGTH) keptLength -= kept.shift()?.length ?? 0
    onLine?.(cut(written))
  }

  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end() {
      take(`${decoder.decode()}\n`)
    },
    lines: () => [...kept],
  }
}

function clean(raw: string): string {
  return raw.slice(0, RAW_LINE_LENGTH).replace(ESCAPES, '').replaceAll('\t', ' ').replace(UNPRINTABLE, '').trimEnd()
}

function cut(line: string): string {
  return line.length > STDERR_LINE_LENGTH ? `${line.slice(0, STDERR_LINE_LENGTH - 1)}…` : line
}
