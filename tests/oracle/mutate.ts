import fc from 'fast-check'
import type { Sample } from './samples/sample.ts'

export type Path = readonly (string | number)[]

export type Mutation =
  | { kind: 'drop'; path: Path }
  | { kind: 'replace'; path: Path; value: unknown }
  | { kind: 'add'; path: Path; key: string; value: unknown }

/** Members that some revision knows, so that others meet them as unknown ones. */
const known: readonly string[] = [
  ...[
    '_meta',
    'title',
    'description',
    'icons',
    'annotations',
    'default',
    'mode',
    'format',
    '$schema',
    'size',
    'message',
  ],
  ...['structuredContent', 'outputSchema', 'execution', 'task', 'resultType', 'ttlMs', 'cacheScope', 'isError'],
  ...['inputRequests', 'inputResponses', 'requestState', 'nextCursor', 'cursor', 'context', 'lastModified', 'total'],
  ...['tools', 'toolChoice', 'extensions', 'tasks', 'elicitation', 'completions', 'websiteUrl', 'enumNames', 'logger'],
  ...['elicitationId', 'progressToken', 'io.modelcontextprotocol/serverInfo', 'io.modelcontextprotocol/logLevel'],
  ...['io.modelcontextprotocol/subscriptionId', 'id', 'method', 'result', 'error', 'params', 'data', 'reason'],
]

const words = [
  ...['text', 'image', 'audio', 'resource', 'resource_link', 'tool_use', 'tool_result', 'user', 'assistant', 'object'],
  ...['string', 'number', 'integer', 'boolean', 'array', 'form', 'url', 'accept', 'cancel', 'ref/prompt', 'none'],
  ...['complete', 'input_required', 'task', 'public', 'private', 'email', 'date', 'error', 'info', 'working', 'failed'],
  ...['roots/list', 'elicitation/create', 'sampling/createMessage', 'required', 'light', '2.0', 'https://example.com'],
]

/** Values of every JSON type, with the edges of each. */
const palette: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 101, 0.5, 1.5, 2 ** 60, '', 'x', 'no uri', [], {}],
  ...[['x'], [1], [null], [{}], { a: 1 }, { a: null }, { a: { b: null } }, { a: 'b' }, { a: [1.5] }],
  Array.from({ length: 101 }, () => 'x'),
]

/** The place of every value inside a value, itself first. */
export function pathsIn(value: unknown, path: Path = []): Path[] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const index = (key: string): string | number => (Array.isArray(value) ? Number(key) : key)
  return [path, ...entries.flatMap(([key, inner]) => pathsIn(inner, [...path, index(key)]))]
}

export function valueAt(value: unknown, path: Path): unknown {
  // proof: paths come from pathsIn of the same value, or the caller accepts undefined
  return path.reduce((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)
}

/** The value with one change, the rest shared with the original. Places that are not there change nothing. */
export function mutate(value: unknown, mutation: Mutation): unknown {
  if (mutation.kind !== 'add') return changeAt(value, mutation.path, mutation)
  return changeAt(value, [...mutation.path, mutation.key], { kind: 'replace', value: mutation.value })
}

function changeAt(value: unknown, path: Path, change: { kind: 'drop' } | { kind: 'replace'; value: unknown }): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change.kind === 'drop' ? undefined : change.value
  if (typeof value !== 'object' || value === null) return value
  const copy: unknown[] | object = Array.isArray(value) ? [...value] : { ...value }
  // proof: `copy` is an array or an object, and both are read by key
  const members = copy as Record<string | number, unknown>
  if (rest.length > 0) members[key] = changeAt(members[key], rest, change)
  else if (change.kind === 'replace') members[key] = change.value
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else delete members[key]
  return copy
}

/**
 * A fixed set of changes at every depth: drop it, give it another type, an edge of its own type, another word, an added
 * member, and what the given donors have for its place.
 */
export function sweep(sample: Sample, donors: (sample: Sample, path: Path) => readonly unknown[]): Mutation[] {
  const { value } = sample
  return pathsIn(value).flatMap((path, place): Mutation[] => {
    const here = valueAt(value, path)
    const pick = <T>(from: readonly T[], count: number): T[] =>
      Array.from({ length: count }, (_, n) => from[(place * 7 + n * 11) % from.length]).filter((v) => v !== undefined)
    const values = [
      ...palette.filter((v) => v !== here),
      { inner: here ?? null },
      [here ?? null],
      ...donors(sample, path),
    ]
    if (typeof here === 'string') values.push(...pick(words, 3))
    const isObject = typeof here === 'object' && here !== null && !Array.isArray(here)
    const keys = isObject ? ['x-other', ...pick(known, 5)].filter((key) => !(key in here)) : []
    return [
      { kind: 'drop', path },
      ...values.map((v): Mutation => ({ kind: 'replace', path, value: v })),
      ...keys.flatMap((key) => pick(palette, 3).map((v): Mutation => ({ kind: 'add', path, key, value: v }))),
    ]
  })
}

export interface Case {
  sample: Sample
  mutations: readonly Mutation[]
  value: unknown
}

/** One sample under one or two random changes with random JSON values. */
export function arbitraryCase(samples: readonly Sample[]): fc.Arbitrary<Case> {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }).filter((v) => !JSON.stringify(v).includes('__proto__')),
    fc.constantFrom(...palette),
    fc.constantFrom(...words),
  )
  const change = fc.record({
    place: fc.nat(),
    kind: fc.constantFrom('drop', 'replace', 'add', 'nest', 'fraction', 'empty'),
    key: fc.constantFrom('x-other', ...known),
    value,
  })
  return fc
    .record({ sample: fc.constantFrom(...samples), changes: fc.array(change, { minLength: 1, maxLength: 2 }) })
    .map(({ sample, changes }) => {
      const mutations: Mutation[] = []
      let mutated = sample.value
      for (const { place, kind, key, value: drawn } of changes) {
        const paths = pathsIn(mutated)
        const path = paths[place % paths.length] ?? []
        const mutation = mutationOf(kind, path, key, drawn, valueAt(mutated, path))
        mutations.push(mutation)
        mutated = mutate(mutated, mutation)
      }
      return { sample, mutations, value: asJson(mutated) }
    })
}

function mutationOf(kind: string, path: Path, key: string, value: unknown, here: unknown): Mutation {
  if (kind === 'drop') return { kind, path }
  if (kind === 'nest') return { kind: 'replace', path, value: { inner: here ?? null } }
  if (kind === 'fraction') return { kind: 'replace', path, value: typeof here === 'number' ? here + 0.5 : 0.5 }
  if (kind === 'empty') return { kind: 'replace', path, value: '' }
  if (kind === 'add' && typeof here === 'object' && here !== null && !Array.isArray(here))
    return { kind, path, key, value }
  return { kind: 'replace', path, value }
}

/** What the value is once it has been on a wire. */
export function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
