import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { intersect } from './intersect.ts'
import { type Lowering, MAX_UNROLLED } from './lowering.ts'

const MAX_FLATTEN_DEPTH = 32
/** Copying more keywords than schemas have costs steps. */
const KEYWORDS_A_STEP = 16
const COMPOSED = ['anyOf', 'oneOf', 'if', 'not', 'dependentSchemas', 'patternProperties']

/** A schema without references and `allOf`, and the references that were followed on the way to it. */
export interface Flat {
  readonly schema: JsonObject
  readonly refs: readonly string[]
}

/** Follows references and joins what `allOf` lists. `const` becomes an `enum` of one. */
export function flatten(node: JsonObject, at: string, refs: readonly string[], lowering: Lowering, depth = 0): Flat {
  let seen = refs
  const parts: JsonObject[] = [ownOf(node)]
  lowering.spend(Math.floor(Object.keys(node).length / KEYWORDS_A_STEP))
  const add = (part: unknown): void => {
    if (part === false) lowering.note(at, 'false', 'looser', 'a schema nothing fits cannot be said')
    if (!isJsonObject(part)) return
    if (depth >= MAX_FLATTEN_DEPTH || !lowering.spend(1)) {
      lowering.note(at, 'allOf', 'looser', 'the schema is too deep or too large')
      return
    }
    const flat = flatten(part, at, seen, lowering, depth + 1)
    seen = flat.refs
    parts.push(flat.schema)
  }
  if (typeof node.$ref === 'string') {
    const ref = node.$ref
    const target = resolveRef(lowering.root, ref)
    if (target === undefined) {
      lowering.note(at, '$ref', 'looser', 'points at nothing in this schema')
    } else if (seen.filter((one) => one === ref).length >= MAX_UNROLLED) {
      lowering.note(at, '$ref', 'looser', 'a schema that holds itself is left open after some levels')
      lowering.obstacles.push(`${at || 'the schema'} holds itself`)
    } else {
      seen = [...seen, ref]
      add(target)
    }
  }
  if (node.$dynamicRef !== undefined || node.$recursiveRef !== undefined) {
    lowering.note(at, '$dynamicRef', 'looser', 'dynamic references are not followed')
  }
  if (Array.isArray(node.allOf)) for (const part of node.allOf) add(part)
  const [first = {}, ...others] = parts
  return { schema: closed(others.reduce((all, part) => intersect(all, part, at, lowering), first)), refs: seen }
}

/**
 * What a reference into the same schema points at.
 * @see https://json-schema.org/draft/2020-12/json-schema-core#section-8.2.3
 */
export function resolveRef(root: unknown, ref: string): unknown {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  let node: unknown = root
  for (const step of ref.slice(2).split('/')) {
    if (typeof node !== 'object' || node === null) return undefined
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(node, key)) return undefined
    node = Object.getOwnPropertyDescriptor(node, key)?.value
  }
  return isJsonObject(node) || typeof node === 'boolean' ? node : undefined
}

const FOLLOWED = new Set(['$ref', '$dynamicRef', '$recursiveRef', 'allOf', '$defs', 'definitions', 'const'])

function ownOf(node: JsonObject): JsonObject {
  const own = Object.entries(node).filter(([keyword]) => !FOLLOWED.has(keyword))
  if (!('const' in node)) return Object.fromEntries(own)
  return Object.fromEntries([...own.filter(([keyword]) => keyword !== 'enum'), ['enum', [node.const]]])
}

/** Where nothing is left to evaluate elsewhere, unevaluated is additional. */
function closed(schema: JsonObject): JsonObject {
  if (schema.unevaluatedProperties !== false || COMPOSED.some((keyword) => keyword in schema)) return schema
  const { unevaluatedProperties, ...rest } = schema
  return 'additionalProperties' in rest ? rest : { ...rest, additionalProperties: unevaluatedProperties }
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    // a stray percent sign is taken as it stands: the look-up then decides
    return step
  }
}
