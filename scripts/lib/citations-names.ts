import { type Token, tokensOf } from './citations-tokens.ts'

/** A text in the name of a test that runs. */
export interface RunningName {
  /** As it is written, without its quotes. */
  readonly text: string
  readonly line: number
}

/** A call with a test or a group of tests at its head: `test.each(rows)(name, run)`. */
interface TestCall {
  /** Members on the way: `['each']`. */
  readonly members: readonly string[]
  readonly isNamed: boolean
}

const HEADS = new Set(['test', 'it', 'describe'])
/** With any other member on the way a test does not run, or not everywhere, or is meant to fail. */
const RUNNING = new Set(['each', 'only', 'concurrent', 'serial'])

/**
 * The texts that the names of tests that run are made of: the name itself, and what stands in the rows it is filled from.
 * A comment is none, and neither is what belongs to a test that is to be written, is left out, or runs on a condition.
 *
 * @throws {SyntaxError} for a source whose brackets do not match
 */
export function runningNames(source: string): readonly RunningName[] {
  const tokens = tokensOf(source)
  const tables = tablesOf(tokens)
  const names: RunningName[] = []
  for (const [index, { kind, text, line }] of tokens.entries()) {
    if (kind !== 'text') continue
    const around = bracketsAround(tokens, index)
    const calls = around.map((open) => testCallAt(tokens, open))
    if (calls.some((call) => call !== undefined && !runs(call))) continue
    const [inner] = around
    const isName = inner !== undefined && inner === index - 1 && testCallAt(tokens, inner)?.isNamed === true
    const isRow = around.some((open, depth) => isTable(calls[depth]) || tables.has(open))
    if (isName || isRow) names.push({ text, line })
  }
  return names
}

/** The opening brackets a token stands within, innermost first. */
function bracketsAround(tokens: readonly Token[], index: number): number[] {
  const around: number[] = []
  for (let at = index - 1; at >= 0; at--) {
    const { pair } = tokens[at] ?? {}
    if (pair === undefined || pair < 0) continue
    if (pair < at) at = pair
    else around.push(at)
  }
  return around
}

/** The call whose arguments begin with this bracket; undefined where no test is at its head. */
function testCallAt(tokens: readonly Token[], open: number): TestCall | undefined {
  if (tokens[open]?.text !== '(') return undefined
  const members: string[] = []
  let at = beforeTypes(tokens, open - 1)
  const isNamed = !(tokens[at]?.text === 'each' && tokens[at - 1]?.text === '.')
  for (;;) {
    const token = tokens[at]
    if (token?.kind === 'sign' && token.text === ')') at = beforeTypes(tokens, token.pair - 1)
    else if (token?.kind === 'word' && tokens[at - 1]?.text === '.') {
      members.push(token.text)
      at -= 2
    } else return token?.kind === 'word' && HEADS.has(token.text) ? { members, isNamed } : undefined
  }
}

/** Left of the types a call may be given: of `each<[string]>(` the word. */
function beforeTypes(tokens: readonly Token[], from: number): number {
  if (tokens[from]?.text !== '>') return from
  let depth = 0
  for (let at = from; at >= 0; at--) {
    const { text, kind } = tokens[at] ?? {}
    if (kind !== 'sign') continue
    if (text === '>') depth++
    if (text === '<' && --depth === 0) return at - 1
  }
  return from
}

function runs({ members }: TestCall): boolean {
  return members.every((member) => RUNNING.has(member))
}

/** Whether the call is that of the rows: `each(` and not what comes of it. */
function isTable(call: TestCall | undefined): boolean {
  return call !== undefined && !call.isNamed
}

/** The brackets of rows that stand under a name of their own: those that a test that runs is given, or made from one by one. */
function tablesOf(tokens: readonly Token[]): ReadonlySet<number> {
  const used = new Set<string>()
  for (const [index, { text, pair }] of tokens.entries()) {
    if (text !== '(' || pair < index) continue
    const call = testCallAt(tokens, index)
    const isGiven = isTable(call) && call !== undefined && runs(call) && areRunning(tokens, index)
    const isLoop = tokens[index - 1]?.text === 'for' && makesTests(tokens, pair)
    if (isGiven || isLoop) {
      for (const { kind, text: word } of tokens.slice(index, pair)) if (kind === 'word') used.add(word)
    }
  }
  const tables = new Set<number>()
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'word' || !used.has(text) || tokens[index - 1]?.text !== 'const') continue
    const assigned = tokens.findIndex(({ kind: one, text: sign }, at) => at > index && one === 'sign' && sign === '=')
    if (assigned > 0 && ['[', '{'].includes(tokens[assigned + 1]?.text ?? '')) tables.add(assigned + 1)
  }
  return tables
}

/** Whether every call around runs. */
function areRunning(tokens: readonly Token[], index: number): boolean {
  return bracketsAround(tokens, index).every((open) => {
    const call = testCallAt(tokens, open)
    return call === undefined || runs(call)
  })
}

/** Whether a test that runs stands in the block behind the head of a loop. */
function makesTests(tokens: readonly Token[], headEnd: number): boolean {
  const block = tokens[headEnd + 1]
  if (block?.text !== '{') return false
  for (let at = headEnd + 2; at < block.pair; at++) {
    const call = testCallAt(tokens, at)
    if (call?.isNamed === true && runs(call) && areRunning(tokens, at)) return true
  }
  return false
}
