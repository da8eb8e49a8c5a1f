/** Headers by name, in any spelling. */
export type HeaderMap = Readonly<Record<string, string>>

/** A name as HTTP has it. @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** What a value may hold: no line break, and nothing beyond one byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Puts headers together, each under its name in lower case; a later one replaces an earlier one in whatever spelling.
 * @throws {TypeError} for a name or a value that HTTP cannot carry; the value is not shown, as it may be a secret
 */
export function mergeHeaders(...layers: readonly (HeaderMap | undefined)[]): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const layer of layers) {
    for (const name in layer) {
      const value: unknown = layer[name]
      if (!TOKEN.test(name)) throw new TypeError(`a header cannot be called ${JSON.stringify(name.slice(0, 100))}`)
      if (typeof value !== 'string') throw new TypeError(`the header ${name} needs a text, got ${typeof value}`)
      if (!VALUE.test(value)) {
        throw new TypeError(
          `the header ${name} has ${value.length} characters with a line break or another that no header holds`,
        )
      }
      merged[name.toLowerCase()] = value
    }
  }
  return merged
}
