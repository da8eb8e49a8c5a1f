import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { createLogger, escapeControls, type LoggerOptions } from './log.ts'

function capture(options: LoggerOptions = {}) {
  const lines: string[] = []
  const clock = createFakeClock()
  const log = createLogger({ level: 'debug', colour: false, clock, write: (text) => lines.push(text), ...options })
  return { log, lines, clock }
}

test('writes one line with the level in front', () => {
  const { log, lines } = capture()
  log.debug('a')
  log.info('b')
  log.warning('c')
  log.error('d')
  expect(lines).toEqual(['[bao] debug: a\n', '[bao] info: b\n', '[bao] warning: c\n', '[bao] error: d\n'])
})

test('leaves out what is below the level', () => {
  const { log, lines } = capture({ level: 'warning' })
  log.info('no')
  log.warning('yes')
  expect(lines).toEqual(['[bao] warning: yes\n'])
  const silent = capture({ level: 'silent' })
  silent.log.error('no')
  expect(silent.lines).toEqual([])
})

test('cannot be made to forge a line or to steer a terminal', () => {
  const { log, lines } = capture()
  log.warning('x\n[bao] error: forged\r\x1b[2J\u2028\u0085')
  expect(lines).toEqual(['[bao] warning: x\\n[bao] error: forged\\u000d\\u001b[2J\\u2028\\u0085\n'])
  expect(escapeControls('tab\tand ünïcode')).toBe('tab\\tand ünïcode')
})

test('cuts long messages', () => {
  const { log, lines } = capture()
  log.info('x'.repeat(5000))
  expect(lines[0]?.length).toBeLessThan(1050)
})

test('prints the stack of an error and of its causes, indented', () => {
  const { log, lines } = capture()
  log.error('it broke', new Error('outer', { cause: new TypeError('inner\x07') }))
  const [text = ''] = lines
  expect(text).toStartWith('[bao] error: it broke\n    Error: outer\n')
  expect(text).toContain('\n    TypeError: inner\\u0007\n')
  expect(text.trimEnd().split('\n').slice(1)).toSatisfy((rest: string[]) =>
    rest.every((line) => line.startsWith('    ')),
  )
})

test.each([
  ['text', 'text'],
  [{ a: 1 }, '{"a":1}'],
  [1n, '[object BigInt]'],
  [null, 'null'],
])('prints a cause that is no error (%p)', (cause, expected) => {
  const { log, lines } = capture()
  log.error('it broke', cause)
  expect(lines).toEqual([`[bao] error: it broke\n    ${expected}\n`])
})

test('ends with a chain of causes that goes round', () => {
  const { log, lines } = capture()
  const error = new Error('round')
  error.cause = error
  log.error('it broke', error)
  expect(lines[0]?.split('\n').length).toBe(32)
})

test('counts a message that repeats instead of writing it, and tells the count later', async () => {
  const { log, lines, clock } = capture()
  for (let i = 0; i < 105; i++) log.warning('again')
  log.warning('other')
  expect(lines.length).toBe(6)
  await clock.advance(60_000)
  log.warning('again')
  expect(lines.at(-1)).toBe('[bao] warning: again (and 100 more times before)\n')
})

test('keeps count of a bounded number of messages', () => {
  const { log, lines } = capture()
  for (let i = 0; i < 10_000; i++) log.info(`message ${i}`)
  expect(lines.length).toBe(10_000)
})

test('colours the level only where it is asked to', () => {
  const { log, lines } = capture({ colour: true })
  log.error('red')
  expect(lines).toEqual(['[bao] \x1b[31merror\x1b[0m: red\n'])
})
