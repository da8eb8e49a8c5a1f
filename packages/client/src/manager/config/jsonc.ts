/** Levels of objects and arrays that are read. */
export const MAX_CONFIG_DEPTH = 64

/** A value of a JSON text and where it stands: `start` is its first character, `end` the one behind its last. */
export type JsonNode = JsonObjectNode | JsonArrayNode | JsonLeaf

export interface JsonObjectNode {
  readonly kind: 'object'
  readonly start: number
  readonly end: number
  /** In the order they are written; a name may come twice. */
  readonly members: readonly JsonMember[]
}

export interface JsonMember {
  readonly key: string
  readonly keyStart: number
  readonly value: JsonNode
  /** The comma behind it. */
  readonly commaAt: number | undefined
}

export interface JsonArrayNode {
  readonly kind: 'array'
  readonly start: number
  readonly end: number
  readonly items: readonly JsonNode[]
}

export interface JsonLeaf {
  readonly kind: 'leaf'
  readonly start: number
  readonly end: number
  readonly value: string | number | boolean | null
}

/** A text that is no JSON with comments, and what should have stood at `offset`. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault'
  readonly offset: number
  readonly expected: string
  /** It is deeper than {@link MAX_CONFIG_DEPTH}. */
  readonly isTooDeep: boolean

  constructor(offset: number, expected: string, { isTooDeep = false }: { isTooDeep?: boolean } = {}) {
    super(`expected ${expected}`)
    this.offset = offset
    this.expected = expected
    this.isTooDeep = isTooDeep
  }
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const BLANK = /[ \t\r\n]+/y
const LINE_COMMENT = /\/\/[^\r\n]*/y

/**
 * Reads JSON with comments and trailing commas, and keeps where everything stands. A byte order mark is skipped.
 * @throws {JsonFault}
 */
export function scanJsonc(text: string): JsonNode {
  let at = text.startsWith('\uFEFF') ? 1 : 0

  function skipBlank(): void {
    for (;;) {
      if (skip(BLANK) || skip(LINE_COMMENT)) continue
      if (!text.startsWith('/*', at)) return
      const end = text.indexOf('*/', at + 2)
      if (end < 0) throw new JsonFault(text.length, '"*/" at the end of the comment')
      at = end + 2
    }
  }

  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }

  function value(depth: number): JsonNode {
    if (depth > MAX_CONFIG_DEPTH) throw new JsonFault(at, `at most ${MAX_CONFIG_DEPTH} levels`, { isTooDeep: true })
    const start = at
    switch (text[at]) {
      case '{':
        return object(start, depth)
      case '[':
        return array(start, depth)
      case '"': {
        const read = string()
        return { kind: 'leaf', start, end: at, value: read }
      }
      default: {
        if (!skip(SCALAR)) throw new JsonFault(at, 'a value')
        // proof: the pattern takes JSON's numbers and words only
        const read = JSON.parse(text.slice(start, at)) as number | boolean | null
        return { kind: 'leaf', start, end: at, value: read }
      }
    }
  }

  function object(start: number, depth: number): JsonObjectNode {
    const members: JsonMember[] = []
    at++
    for (;;) {
      skipBlank()
      if (text[at] === '}') return { kind: 'object', start, end: ++at, members }
      if (text[at] !== '"') throw new JsonFault(at, 'a name in double quotes or "}"')
      const keyStart = at
      const key = string()
      skipBlank()
      if (text[at] !== ':') throw new JsonFault(at, '":"')
      at++
      skipBlank()
      const read = value(depth + 1)
      const commaAt = comma('}')
      members.push({ key, keyStart, value: read, commaAt })
    }
  }

  function array(start: number, depth: number): JsonArrayNode {
    const items: JsonNode[] = []
    at++
    for (;;) {
      skipBlank()
      if (text[at] === ']') return { kind: 'array', start, end: ++at, items }
      items.push(value(depth + 1))
      comma(']')
    }
  }

  /** Steps over the comma that must follow unless the end does. */
  function comma(end: string): number | undefined {
    skipBlank()
    if (text[at] === ',') return at++
    if (text[at] !== end) throw new JsonFault(at, `"," or "${end}"`)
    return undefined
  }

  function string(): string {
    const start = at++
    while (at < text.length && text[at] !== '"' && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
    if (text[at] !== '"') throw new JsonFault(Math.min(at, text.length), 'a closing quote')
    at++
    try {
      // proof: it is in quotes, so it is a string or nothing
      return JSON.parse(text.slice(start, at)) as string
    } catch {
      // the reason the platform gives differs between runtimes and may repeat the string
      throw new JsonFault(start, 'a string whose escapes and characters JSON allows')
    }
  }

  skipBlank()
  const root = value(1)
  skipBlank()
  if (at < text.length) throw new JsonFault(at, 'the end of the text')
  return root
}

/** The value of a node. Of a name that comes twice the first counts. */
export function jsonOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'leaf':
      return node.value
    case 'array':
      return node.items.map(jsonOf)
    case 'object': {
      const seen = new Map<string, unknown>()
      for (const { key, value } of node.members) if (!seen.has(key)) seen.set(key, jsonOf(value))
      return Object.fromEntries(seen)
    }
    default:
      return node satisfies never
  }
}
