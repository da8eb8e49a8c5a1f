import { isJsonObject } from '../jsonrpc/message.ts'
import { maskText, soundsSecret } from '../secrets.ts'
import { hidden } from './bindings.ts'

/** Takes what is secret out of the lines of one conversation. */
export interface Hiding {
  /** The line with a placeholder for every secret in it, the same one for the same value. */
  hide(line: string): string
  /** The line once more, now that it is known what else is secret. */
  hideKnown(line: string): string
}

/** Names below which there are schemas: what they call a token is none. */
const SCHEMAS: ReadonlySet<string> = new Set(['inputSchema', 'outputSchema', 'requestedSchema', 'properties'])
/** Names that sound secret, or do not, and are the other thing here. */
const SEALED = 'requestState'
/** A shorter text is too common to be looked for wherever it may stand. */
const SHORTEST_SECRET = 6

/** What a token, a key or a word of a password is made of. */
const WORD = /[\w.~+/=:-]+/g
const ONE_WORD = /^[\w.~+/=:-]+$/
const PLACEHOLDER = /^<hidden \d+>$/

/** @param names of members that are hidden besides those that sound secret */
export function createHiding(names: ReadonlySet<string>): Hiding {
  const placeholders = new Map<string | number, string>()
  /** Secrets of several words, which cannot be looked up word by word. */
  const sentences: [value: string, name: string][] = []

  function placeholder(value: string | number): string {
    const known = placeholders.get(value)
    if (known !== undefined) return known
    const name = hidden(placeholders.size + 1)
    placeholders.set(value, name)
    if (typeof value === 'string' && value.length >= SHORTEST_SECRET && !ONE_WORD.test(value))
      sentences.push([value, name])
    return name
  }

  /** What was named explicitly is hidden whatever it is; of the rest, only texts. */
  function cleaned(value: unknown, inside: 'named' | 'secret' | 'schema' | 'open'): unknown {
    if (typeof value === 'string') {
      if (inside === 'named' || inside === 'secret') return value === '' ? value : placeholder(value)
      return cleanedText(value)
    }
    if (typeof value === 'number') return inside === 'named' ? placeholder(value) : value
    if (Array.isArray(value)) return value.map((one) => cleaned(one, inside))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one, below(key, inside))]))
  }

  function below(key: string, inside: 'named' | 'secret' | 'schema' | 'open'): typeof inside {
    if (inside === 'named' || names.has(key)) return 'named'
    if (inside !== 'open') return inside
    if (key === SEALED) return 'secret'
    if (SCHEMAS.has(key)) return 'schema'
    return soundsSecret(key) ? 'secret' : 'open'
  }

  /** A text may be JSON itself, as tools answer it beside what is structured. */
  function cleanedText(text: string): string {
    if (/^\s*[{[]/.test(text)) {
      try {
        return JSON.stringify(cleaned(JSON.parse(text), 'open'))
      } catch {
        // it only looked like JSON
      }
    }
    return maskText(text) === text ? text : placeholder(text)
  }

  /** Secrets are looked up word by word, so that the work grows with the text and not with their number. */
  function known(text: string): string {
    if (PLACEHOLDER.test(text)) return text
    let shown = text.replaceAll(WORD, (word) => nameOf(word) ?? nameOfSentence(word) ?? word)
    for (const [value, name] of sentences) shown = shown.replaceAll(value, name)
    return shown
  }

  function nameOf(word: string): string | undefined {
    return word.length < SHORTEST_SECRET ? undefined : placeholders.get(word)
  }

  /** A word at the end of a sentence. */
  function nameOfSentence(word: string): string | undefined {
    const bare = word.replace(/[.:=/]+$/, '')
    const name = nameOf(bare)
    return name === undefined ? undefined : name + word.slice(bare.length)
  }

  function inStrings(value: unknown): unknown {
    if (typeof value === 'string') return known(value)
    if (Array.isArray(value)) return value.map(inStrings)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inStrings(one)]))
  }

  return {
    hide(line) {
      let value: unknown
      try {
        value = JSON.parse(line)
      } catch {
        // what a server printed by mistake is a part of the conversation too
        return maskText(line).replaceAll('\n', ' ')
      }
      return JSON.stringify(cleaned(value, 'open'))
    },
    hideKnown(line) {
      try {
        return JSON.stringify(inStrings(JSON.parse(line)))
      } catch {
        return known(line)
      }
    },
  }
}
