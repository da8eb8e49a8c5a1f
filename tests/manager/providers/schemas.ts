import fc from 'fast-check'

const key = fc.constantFrom('a', 'b', 'c', 'd e', '__proto__', 'x'.repeat(70), 'constructor')
const scalar = fc.oneof(fc.constantFrom('x', 'y', 'xyz', '', null, true), fc.integer({ min: -3, max: 3 }))
const keys = fc.uniqueArray(key, { maxLength: 2 })

interface Wildness {
  readonly patterns: readonly string[]
  readonly refs: readonly string[]
  readonly bounds: fc.Arbitrary<unknown>
  readonly leaves: readonly unknown[]
  /** The fewest branches and literals. */
  readonly least: number
}

function nodes({ patterns, refs, bounds, leaves, least }: Wildness): fc.Arbitrary<unknown> {
  const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) =>
    fc.record(shape, { requiredKeys })
  return fc.letrec((tie) => {
    const node = tie('node')
    const properties = fc.dictionary(key, node, { maxKeys: 3 })
    const branches = fc.array(node, { minLength: least, maxLength: 3 })
    const types = fc.constantFrom('string', 'null', 'integer', 'array', 'object', 'boolean')
    return {
      node: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        fc.oneof(
          some({ type: fc.constant('string'), minLength: fc.nat(2), maxLength: fc.integer({ min: 2, max: 5 }) }, [
            'type',
          ]),
          some(
            {
              type: fc.constant('string'),
              pattern: fc.constantFrom(...patterns),
              format: fc.constantFrom('uri', 'date-time'),
            },
            ['type'],
          ),
          some(
            {
              type: fc.constantFrom('integer', 'number'),
              minimum: bounds,
              exclusiveMinimum: bounds,
              exclusiveMaximum: bounds,
              multipleOf: fc.constantFrom(1, 2),
            },
            ['type'],
          ),
          some({ enum: fc.uniqueArray(scalar, { minLength: least, maxLength: 4 }) }, ['enum']),
          some({ const: scalar, description: fc.constant('d') }, ['const']),
          some({ type: fc.uniqueArray(types, { minLength: 1, maxLength: 3 }) }, ['type']),
          some({ $ref: fc.constantFrom(...refs) }, ['$ref']),
          fc.constantFrom(...leaves),
        ),
        some(
          {
            type: fc.constant('array'),
            items: node,
            minItems: fc.nat(2),
            maxItems: fc.integer({ min: 1, max: 3 }),
            uniqueItems: fc.boolean(),
          },
          ['type'],
        ),
        some(
          {
            type: fc.constant('array'),
            prefixItems: fc.array(node, { minLength: least, maxLength: 2 }),
            items: fc.oneof(fc.boolean(), node),
          },
          ['type', 'prefixItems'],
        ),
        some(
          {
            type: fc.constant('object'),
            properties,
            required: keys,
            additionalProperties: fc.oneof(fc.boolean(), node),
          },
          ['type'],
        ),
        some(
          {
            type: fc.constant('object'),
            properties,
            patternProperties: fc.dictionary(fc.constantFrom(...patterns), node, { maxKeys: 1 }),
          },
          ['type'],
        ),
        some({ anyOf: branches, description: fc.constant('d'), properties }, ['anyOf']),
        some({ oneOf: branches, required: keys }, ['oneOf']),
        some({ allOf: branches, properties, unevaluatedProperties: fc.constant(false) }, ['allOf']),
        some({ not: node, if: node, else: node }, []),
      ),
    }
  }).node
}

function roots(inner: fc.Arbitrary<unknown>, least: number): fc.Arbitrary<object> {
  const shape = {
    properties: fc.dictionary(key, inner, { maxKeys: 4 }),
    required: keys,
    anyOf: fc.array(inner, { minLength: least, maxLength: 2 }),
    allOf: fc.array(inner, { minLength: least, maxLength: 2 }),
    additionalProperties: fc.boolean(),
  }
  return fc
    .tuple(fc.record(shape, { requiredKeys: ['properties'] }), inner)
    .map(([schema, a]) => ({ type: 'object', ...schema, $defs: { A: a } }))
}

/** Schemas any validator takes. */
export const tame: fc.Arbitrary<object> = roots(
  nodes({
    patterns: ['^x', 'y$'],
    refs: ['#/$defs/A'],
    bounds: fc.integer({ min: -2, max: 2 }),
    leaves: [{}, true],
    least: 1,
  }),
  1,
)
/** Schemas with mistakes of every kind. */
export const wild: fc.Arbitrary<object> = roots(
  nodes({
    patterns: ['^x', 'y$', '(?=x)', '('],
    refs: ['#', '#/$defs/A', '#/$defs/none', '#/properties/a', 'http://x/y'],
    bounds: fc.constantFrom(1, 2.5, true, '3', -1),
    leaves: [{}, true, false, null, 'text'],
    least: 0,
  }),
  0,
)

/** Values made along a lowered schema, most of which fit it; the dice decide. */
export function samples(schema: unknown, dice: readonly number[]): unknown[] {
  let thrown = 0
  const roll = (sides: number): number => {
    thrown += 1
    return ((dice[thrown % dice.length] ?? 0) + thrown * 7) % Math.max(sides, 1)
  }
  const pick = (list: readonly unknown[]): unknown => list[roll(list.length)]
  const anything = (): unknown => pick(['x', 'xy', 'y', 1, 2, -1, 0.5, true, null, {}, [], ['x'], { a: 'x' }])
  const make = (inner: unknown, depth: number): unknown => {
    if (typeof inner !== 'object' || inner === null || depth > 6) return anything()
    const node = new Map<string, unknown>(Object.entries(inner))
    const anyOf = node.get('anyOf')
    if (Array.isArray(anyOf) && !node.has('properties')) return make(pick(anyOf), depth + 1)
    const values = node.get('enum')
    if (Array.isArray(values)) return pick(values)
    switch (pick([node.get('type') ?? anything()].flat())) {
      case 'object': {
        const required = new Set([node.get('required') ?? []].flat())
        const members = Object.entries(node.get('properties') ?? {}).filter(
          ([name]) => required.has(name) || roll(2) === 0,
        )
        const made = members.map(([name, part]): [string, unknown] => [name, make(part, depth + 1)])
        const extra: [string, unknown][] =
          node.get('additionalProperties') === false || roll(2) === 0
            ? []
            : [[String(pick(['b', 'z', 'x'])), anything()]]
        return Object.fromEntries([...extra, ...made])
      }
      case 'array':
        return Array.from({ length: roll(3) }, () => make(node.get('items'), depth + 1))
      case 'string':
        return pick(['x', 'xy', 'xyz', 'y', ''])
      case 'integer':
        return pick([0, 1, 2, -2, 4])
      case 'number':
        return pick([0, 1, 0.5, 2, -2])
      case 'boolean':
        return roll(2) === 0
      case 'null':
        return null
      default:
        return anything()
    }
  }
  return Array.from({ length: 20 }, () => make(schema, 0))
}
