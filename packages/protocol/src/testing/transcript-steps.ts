import { parsePattern } from './pattern.ts'

/** A line the server is expected to say. */
export interface ExpectedLine {
  text: string
  pattern: unknown
}

/** One thing a transcript does; `line` is where it stands, counted from 1. */
export type Step =
  | { kind: 'client'; line: number; text: string }
  /** Lines that come next, in any order. */
  | { kind: 'server'; line: number; expected: ExpectedLine[] }
  | { kind: 'advance'; line: number; ms: number }
  | { kind: 'eof' | 'close' | 'closed'; line: number }

interface Entry {
  line: number
  text: string
}

/** @throws {SyntaxError} naming the line that makes no sense */
export function parseTranscript(transcript: string): Step[] {
  const steps: Step[] = []
  let group: ExpectedLine[] | undefined
  for (const entry of entriesOf(transcript)) {
    const { line, text } = entry
    if (text.startsWith('<~')) {
      const expected = expectedLine(line, text.slice(2))
      if (group === undefined) {
        group = []
        steps.push({ kind: 'server', line, expected: group })
      }
      group.push(expected)
      continue
    }
    group = undefined
    steps.push(stepOf(entry))
  }
  return steps
}

function stepOf({ line, text }: Entry): Step {
  if (text.startsWith('>')) return { kind: 'client', line, text: text.slice(1).trimStart() }
  if (text.startsWith('<')) return { kind: 'server', line, expected: [expectedLine(line, text.slice(1))] }
  const [, word, amount] = /^@(\w+)(?:\s+(\d+))?$/.exec(text) ?? []
  if (word === 'advance' && amount !== undefined) return { kind: 'advance', line, ms: Number(amount) }
  if ((word === 'eof' || word === 'close' || word === 'closed') && amount === undefined) return { kind: word, line }
  throw new SyntaxError(`line ${line} of the transcript begins with none of > < <~ @ #: ${text}`)
}

function expectedLine(line: number, text: string): ExpectedLine {
  try {
    return { text: text.trim(), pattern: parsePattern(text) }
  } catch (cause) {
    throw new SyntaxError(`line ${line} of the transcript expects what is not JSON: ${text.trim()}`, { cause })
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
