import { isJsonObject } from '../jsonrpc/message.ts'

// no value that comes from elsewhere can be one of these
const ANY = `\u0000any ${crypto.randomUUID()}`
/** What `*` is read as. */
export const ANY_VALUE: string = ANY
const MORE = `\u0000more ${crypto.randomUUID()}`
const escaped = (mark: string): string => JSON.stringify(mark)

/**
 * Reads a JSON text that may have `*` where any value is welcome, and `...` as the last member of an object or the last
 * element of an array that may have more.
 * @throws {SyntaxError} when it is not such a text
 */
export function parsePattern(text: string): unknown {
  const open: string[] = []
  let json = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|\.\.\.|[\s\S]/g)) {
    if (token === '{' || token === '[') open.push(token)
    if (token === '}' || token === ']') open.pop()
    if (token === '*') json += escaped(ANY)
    else if (token === '...') json += open.at(-1) === '{' ? `${escaped(MORE)}:true` : escaped(MORE)
    else json += token
  }
  return JSON.parse(json)
}

/** The first difference between a pattern and a value, as a sentence that names its place; undefined when they match. */
export function mismatch(pattern: unknown, value: unknown, place: string = ''): string | undefined {
  if (pattern === ANY) return undefined
  if (Array.isArray(pattern)) return mismatchedArray(pattern, value, place)
  if (isJsonObject(pattern)) return mismatchedObject(pattern, value, place)
  return pattern === value ? undefined : differs(place, show(pattern), value)
}

function mismatchedArray(pattern: readonly unknown[], value: unknown, place: string): string | undefined {
  const open = pattern.at(-1) === MORE
  const wanted = open ? pattern.slice(0, -1) : pattern
  if (!Array.isArray(value)) return differs(place, 'an array', value)
  if (open ? value.length < wanted.length : value.length !== wanted.length) {
    const least = open ? 'at least ' : ''
    return `${at(place)}expected ${least}${wanted.length} elements, got ${value.length}: ${show(value)}`
  }
  return first(wanted.map((one, index) => () => mismatch(one, value[index], `${place}[${index}]`)))
}

function mismatchedObject(pattern: object, value: unknown, place: string): string | undefined {
  if (!isJsonObject(value)) return differs(place, 'an object', value)
  const wanted = new Map<string, unknown>(Object.entries(pattern))
  const open = wanted.delete(MORE)
  const checks = [...wanted].map(([key, one]) => () => {
    const inside = place === '' ? key : `${place}.${key}`
    return Object.hasOwn(value, key)
      ? mismatch(one, value[key], inside)
      : `${at(inside)}expected ${show(one)}, got nothing`
  })
  const surplus = open ? [] : Object.keys(value).filter((key) => !wanted.has(key))
  return first([
    ...checks,
    () => (surplus.length === 0 ? undefined : `${at(place)}did not expect ${surplus.map(show).join(', ')}`),
  ])
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check()
    if (found !== undefined) return found
  }
  return undefined
}

function differs(place: string, expected: string, value: unknown): string {
  return `${at(place)}expected ${expected}, got ${show(value)}`
}

function at(place: string): string {
  return place === '' ? '' : `at ${place}: `
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing')
    .replaceAll(`${escaped(MORE)}:true`, '...')
    .replaceAll(escaped(MORE), '...')
    .replaceAll(escaped(ANY), '*')
}
