import { expect, test } from 'bun:test'
import { createStderrTail, STDERR_LINE_LENGTH, STDERR_TAIL_LENGTH, STDERR_TAIL_LINES } from './stderr-tail.ts'

const ESC = '\u001b'

test('lines are cut wherever the chunks are cut', () => {
  expect(tailOf('one\ntw', 'o\r', '\nthr', 'ee\n')).toEqual(['one', 'two', 'three'])
  const bytes = new TextEncoder().encode('é🎉\n')
  const tail = createStderrTail()
  for (const byte of bytes) tail.push(Uint8Array.of(byte))
  expect(tail.lines()).toEqual(['é🎉'])
})

test('the last line may lack its newline once the pipe is over', () => {
  const tail = createStderrTail()
  tail.push(new TextEncoder().encode('panic'))
  expect(tail.lines()).toEqual([])
  tail.end()
  tail.end()
  expect(tail.lines()).toEqual(['panic'])
})

test('colours, titles, links, control characters and turned text are taken away, tabs become blanks', () => {
  expect(tailOf(`${ESC}[1;31merror${ESC}[0m: ${ESC}]0;title\u0007no${ESC}(B\tconfig\u0000\u0008\n`)).toEqual([
    'error: no config',
  ])
  expect(tailOf(`${ESC}]8;;https://x.test${ESC}\\link${ESC}]8;;${ESC}\\ \u202edoc\u2066.exe\u009b\n`)).toEqual([
    'link doc.exe',
  ])
  expect(tailOf(`${ESC}[2K\n   \n${ESC}\n`)).toEqual([])
})

test('a progress bar leaves its states as lines', () => {
  expect(tailOf('10%\r50%\r100%\n')).toEqual(['10%', '50%', '100%'])
})

test('only the last lines are kept, in number and in length', () => {
  const lines = tailOf(Array.from({ length: 1000 }, (_, n) => `line ${n}\n`).join(''))
  expect(lines).toHaveLength(STDERR_TAIL_LINES)
  expect(lines.at(-1)).toBe('line 999')
  const long = tailOf(Array.from({ length: 40 }, () => `${'x'.repeat(STDERR_LINE_LENGTH)}\n`).join(''))
  expect(long.join('').length).toBeLessThanOrEqual(STDERR_TAIL_LENGTH)
  expect(long).toHaveLength(STDERR_TAIL_LENGTH / STDERR_LINE_LENGTH)
})

test('a long line is cut, and one without any end is not collected', () => {
  const [line] = tailOf(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)), '\n')
  expect(line).toBe(`${'x'.repeat(STDERR_LINE_LENGTH - 1)}…`)
})

test('what is kept for errors holds no secret: neither those that were given nor what looks like one', () => {
  const heard: string[] = []
  const tail = createStderrTail((line) => heard.push(line), ['hunter2-long', 'hunter2'])
  const said =
    'login as hunter2-long or hunter2: JIRA_API_TOKEN=abc, https://me:pw@h.test, Authorization: Bearer abcdefghijk'
  tail.push(new TextEncoder().encode(`${said}\nset JIRA_API_TOKEN: it is missing\n`))
  expect(tail.lines()).toEqual([
    'login as *** or ***: JIRA_API_TOKEN=*** https://me:***@h.test, Authorization: ***',
    'set JIRA_API_TOKEN: it is missing',
  ])
  expect(heard[0]).toBe(said)
})

test('a secret at the place where a long line is cut is hidden whole', () => {
  const tail = createStderrTail(undefined, ['s3cret-value'])
  tail.push(new TextEncoder().encode(`${'x'.repeat(STDERR_LINE_LENGTH - 4)}s3cret-value\n`))
  expect(tail.lines()[0]).not.toContain('s3')
})

test('a listener gets every line, cleaned', () => {
  const heard: string[] = []
  const tail = createStderrTail((line) => heard.push(line))
  tail.push(new TextEncoder().encode(Array.from({ length: 200 }, (_, n) => `${ESC}[2m${n}${ESC}[0m\n`).join('')))
  expect(heard).toEqual(Array.from({ length: 200 }, (_, n) => String(n)))
})

function tailOf(...chunks: string[]): readonly string[] {
  const tail = createStderrTail()
  for (const chunk of chunks) tail.push(new TextEncoder().encode(chunk))
  tail.end()
  return tail.lines()
}
