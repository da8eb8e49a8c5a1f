/** Headers by name, in any spelling. */
export type HeaderMap = Readonly<Record<string, string>>

/** A name as HTTP has it. @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** What a value may hold: no line break, and nothing beyond one byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Names that were found to be ones, in lower case; a client uses few. */
const known = new Map<string, string>()
const MAX_KNOWN = 1000

/** @throws {TypeError} for a name that HTTP cannot carry */
function nameOf(name: string): string {
  const kept = known.get(name)
  if (kept !== undefined) return kept
  if (!TOKEN.test(name)) throw new TypeError(`a header cannot be called ${JSON.stringify(name.slice(0, 100))}`)
  const lower = name.toLowerCase()
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(name, lower)
  return lower
}

export const NO_HEADERS: HeaderMap = {}

/** Headers that many requests share, which need no second look. */
const shared = new WeakSet<HeaderMap>()

/**
 * Puts headers together that many requests have in common: alone, they go with a request as they are.
 * @throws {TypeError} for a name or a value that HTTP cannot carry
 */
export function sharedHeaders(...layers: readonly (HeaderMap | undefined)[]): HeaderMap {
  const headers = Object.freeze(mergeHeaders(...layers))
  shared.add(headers)
  return headers
}

/**
 * Puts headers together, each under its name in lower case; a later one replaces an earlier one in whatever spelling.
 * @throws {TypeError} for a name or a value that HTTP cannot carry; the value is not shown, as it may be a secret
 */
export function mergeHeaders(...layers: readonly (HeaderMap | undefined)[]): HeaderMap {
  const only = onlyOf(layers)
  if (only !== undefined && shared.has(only)) return only
  const merged: Record<string, string> = {}
  for (const layer of layers) {
    for (const name in layer) {
      const value: unknown = layer[name]
      const key = nameOf(name)
      if (typeof value !== 'string') throw new TypeError(`the header ${name} needs a text, got ${typeof value}`)
      if (!VALUE.test(value)) {
        throw new TypeError(
          `the header ${name} has ${value.length} characters with a line break or another that no header holds`,
        )
      }
      merged[key] = value
    }
  }
  return merged
}

function onlyOf(layers: readonly (HeaderMap | undefined)[]): HeaderMap | undefined {
  let only: HeaderMap | undefined
  for (const layer of layers) {
    if (layer === undefined || layer === NO_HEADERS) continue
    if (only !== undefined) return undefined
    only = layer
  }
  return only
}
