/** Values in one frontmatter; aliases can make few lines into very many. */
const MAX_VALUES = 10_000
const MAX_NESTING = 64

/**
 * A copy of a value that holds nothing but JSON.
 * @throws {TypeError} naming the member that is none, or that is more than a frontmatter may hold
 */
export function jsonOf(value: unknown, what: string): unknown {
  let left = MAX_VALUES

  function copy(one: unknown, at: string, depth: number): unknown {
    if (left-- === 0) throw new TypeError(`${what} holds more than ${MAX_VALUES} values`)
    if (depth > MAX_NESTING) throw new TypeError(`${what}: ${at} nests more than ${MAX_NESTING} deep`)
    if (one === null || typeof one === 'boolean') return one
    if (typeof one === 'string') {
      if (one.isWellFormed()) return one
      throw new TypeError(`${what}: ${at} is no well-formed Unicode`)
    }
    if (typeof one === 'number') {
      if (Number.isFinite(one) && (!Number.isInteger(one) || Number.isSafeInteger(one))) return one
      throw new TypeError(`${what}: ${at} is the number ${one}, which readers disagree about: write it in quotes`)
    }
    if (Array.isArray(one)) return one.map((item, index) => copy(item, `${at}[${index}]`, depth + 1))
    if (isPlain(one)) {
      const entries = Object.entries(one).map(([key, member]) => [key, copy(member, `${at}.${key}`, depth + 1)])
      return Object.fromEntries(entries)
    }
    throw new TypeError(`${what}: ${at} is no JSON value`)
  }

  return copy(value, '$', 0)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
