import { stripVTControlCharacters, styleText } from 'node:util'
import type { MessageLine } from './message-lines.ts'

type Stream = NodeJS.WriteStream
type Style = Parameters<typeof styleText>[0]

/** Writes a session for somebody who reads it for the first time. */
export interface Stage {
  say(text: string): void
  title(text: string): void
  /** A request that this program sends to the backend. */
  request(method: string, path: string, body?: unknown): void
  /** A message between backend and bridge. */
  message(line: MessageLine): void
  /** A request of the bridge that reached Jira. */
  jira(request: { method: string; url: string; status: number }): void
  answer(status: number, lines: readonly string[]): void
  done(text: string): void
}

/** Columns where the stream is no terminal. */
const DEFAULT_WIDTH = 120
const LEAST_WIDTH = 60

/** Prints to the console, with colours only where the stream is a terminal that shows them. */
export function createStage(stream: Stream): Stage {
  const width = Math.max(LEAST_WIDTH, stream.columns ?? DEFAULT_WIDTH)
  const paint = (style: Style, text: string): string => styleText(style, text, { stream })
  // unlike the stream, it takes it well when nobody reads on
  const write = (text: string): void => console.log(text)
  const row = (indent: number, head: string, detail: string): void => {
    const room = width - indent - stripVTControlCharacters(head).length - 1
    write(`${' '.repeat(indent)}${head} ${paint('dim', cut(detail, room))}`.trimEnd())
  }
  return {
    say: write,
    title: (text) => write(`\n${paint('bold', text)}`),
    request: (method, path, body) =>
      row(2, paint('cyan', `${method} ${path}`), body === undefined ? '' : JSON.stringify(body)),
    message: ({ arrow, title, detail }) => row(6, `${paint('yellow', arrow)} ${title}`, detail),
    jira: ({ method, url, status }) =>
      row(10, `${paint('magenta', '⇢')} ${method} ${cut(url, width - 24)}`, `${status}`),
    answer(status, lines) {
      write(`  ${paint(status < 400 ? 'green' : 'red', String(status))}`)
      for (const line of lines) write(`    ${cut(line, width - 4)}`)
    },
    done: (text) => write(`\n${paint('green', text)}`),
  }
}

/** One line of at most so many characters. What Jira holds must not move the cursor of who reads it. */
function cut(text: string, room: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const line = stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return line.length > room ? `${line.slice(0, Math.max(0, room - 1))}…` : line
}
