import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ParseError, parse } from 'jsonc-parser'
import { JsonFault, jsonOf, scanJsonc } from './jsonc.ts'

const blank = fc.constantFrom('', ' ', '\n', '\t', '// c\n', '/* c */', '/*\n*/ ')

/** JSON with comments and trailing commas between all that may have them. */
// the other reader takes __proto__ for the prototype, and loses it
const key = fc.string().filter((text) => text !== '__proto__')
const jsonc: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; array: string; leaf: string }>(
  (tie) => ({
    leaf: fc.jsonValue({ maxDepth: 0 }).map((value) => JSON.stringify(value)),
    array: fc.tuple(fc.array(fc.tuple(blank, tie('value'), blank), { maxLength: 4 }), fc.boolean(), blank).map(
      ([items, trails, end]) =>
        `[${joined(
          items.map((item) => item.join('')),
          trails,
        )}${end}]`,
    ),
    object: fc
      .tuple(
        fc.uniqueArray(fc.tuple(blank, key, blank, tie('value'), blank), {
          maxLength: 4,
          selector: ([, key]) => key,
        }),
        fc.boolean(),
        blank,
      )
      .map(([members, trails, end]) => {
        const texts = members.map(([a, key, b, value, c]) => `${a}${JSON.stringify(key)}${b}:${value}${c}`)
        return `{${joined(texts, trails)}${end}}`
      }),
    value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('array'), tie('object')),
  }),
).value

function joined(texts: readonly string[], trails: boolean): string {
  return texts.length === 0 ? '' : texts.join(',') + (trails ? ',' : '')
}

test('JSON is read as the platform reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(jsonOf(scanJsonc(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('JSON with comments is read as a well-known reader reads it', () => {
  fc.assert(
    fc.property(jsonc, (text) => {
      expect(jsonOf(scanJsonc(text))).toEqual(parse(text, [], { allowTrailingComma: true }))
    }),
  )
})

test('what a well-known reader refuses is refused, and the other way round', () => {
  const broken = fc.tuple(jsonc, fc.nat(), fc.nat(3)).map(([text, at, cut]) => {
    const from = at % (text.length + 1)
    return text.slice(0, from) + text.slice(from + cut)
  })
  fc.assert(
    fc.property(broken, (text) => {
      const errors: ParseError[] = []
      parse(text, errors, { allowTrailingComma: true })
      expect(isRead(text)).toBe(errors.length === 0)
    }),
  )
})

function isRead(text: string): boolean {
  try {
    scanJsonc(text)
    return true
  } catch (error) {
    if (error instanceof JsonFault) return false
    throw error
  }
}
