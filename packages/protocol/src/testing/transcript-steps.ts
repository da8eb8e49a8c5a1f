import { parsePattern } from './pattern.ts'

/** The side that is tested, and so the one whose lines are expected; the other one's are said. */
export type TestedSide = 'client' | 'server'

/** A line the tested side is expected to say. */
export interface ExpectedLine {
  text: string
  pattern: unknown
}

/** One thing a transcript does; `line` is where it stands, counted from 1. */
export type Step =
  | { kind: 'say'; line: number; text: string }
  /** Lines that come next, in any order. */
  | { kind: 'expect'; line: number; expected: ExpectedLine[] }
  | { kind: 'advance'; line: number; ms: number }
  | { kind: 'eof' | 'close' | 'closed'; line: number }

export interface Transcript {
  steps: Step[]
  /** Ids that the tested side chose, and values that were hidden, stand for what comes in their place. */
  isRecorded: boolean
  /** Names of members whose values do not matter. */
  any: ReadonlySet<string>
}

interface Entry {
  line: number
  text: string
}

const ARROWS = { client: '>', server: '<' } as const

/** @throws {SyntaxError} naming the line that makes no sense */
export function parseTranscript(transcript: string, tested: TestedSide = 'server'): Transcript {
  const steps: Step[] = []
  const any = new Set<string>()
  let isRecorded = false
  let group: ExpectedLine[] | undefined
  for (const entry of entriesOf(transcript)) {
    const { line, text } = entry
    if (text === '@recorded') {
      isRecorded = true
      continue
    }
    if (text.startsWith('@any ')) {
      for (const name of text.slice(5).trim().split(/\s+/)) any.add(name)
      continue
    }
    // what was printed by mistake was recorded too, and need not be printed again
    if (isRecorded && text.startsWith(ARROWS[tested]) && !isJson(text.replace(/^.~?/, ''))) continue
    if (text.startsWith(`${ARROWS[tested]}~`)) {
      const expected = expectedLine(line, text.slice(2))
      if (group === undefined) {
        group = []
        steps.push({ kind: 'expect', line, expected: group })
      }
      group.push(expected)
      continue
    }
    group = undefined
    steps.push(stepOf(entry, tested))
  }
  return { steps, isRecorded, any }
}

function stepOf({ line, text }: Entry, tested: TestedSide): Step {
  if (text.startsWith(ARROWS[tested])) {
    return { kind: 'expect', line, expected: [expectedLine(line, text.slice(1))] }
  }
  if (/^[<>]/.test(text)) return { kind: 'say', line, text: text.replace(/^[<>]~?\s*/, '') }
  const [, word, amount] = /^@(\w+)(?:\s+(\d+))?$/.exec(text) ?? []
  if (word === 'advance' && amount !== undefined) return { kind: 'advance', line, ms: Number(amount) }
  if ((word === 'eof' || word === 'close' || word === 'closed') && amount === undefined) return { kind: word, line }
  throw new SyntaxError(`line ${line} of the transcript begins with none of > < >~ <~ @ #: ${text}`)
}

function expectedLine(line: number, text: string): ExpectedLine {
  try {
    return { text: text.trim(), pattern: parsePattern(text) }
  } catch (cause) {
    throw new SyntaxError(`line ${line} of the transcript expects what is not JSON: ${text.trim()}`, { cause })
  }
}

function isJson(text: string): boolean {
  try {
    parsePattern(text)
    return true
  } catch {
    return false
  }
}

/** The lines that say something, each with its continuations. */
function entriesOf(transcript: string): Entry[] {
  const lines = transcript.split('\n')
  const margin = Math.min(...lines.filter((text) => text.trim() !== '').map((text) => text.search(/\S/)))
  const entries: Entry[] = []
  for (const [index, raw] of lines.entries()) {
    const text = raw.slice(margin).trimEnd()
    const last = entries.at(-1)
    if (text === '' || text.startsWith('#')) continue
    if (/^\s/.test(text) && last !== undefined) last.text += text.trimStart()
    else entries.push({ line: index + 1, text })
  }
  return entries
}
