import { decodeHeaderValue, encodeHeaderValue, type HeaderLookup } from './header-value.ts'
import { RpcError } from './jsonrpc/errors.ts'
import { isJsonObject, type JsonObject } from './jsonrpc/message.ts'
import { HEADER_MISMATCH } from './names.ts'
import { annotationsOf, type Place, pathOf, showPlace } from './schema-annotations.ts'
import { shown } from './shown.ts'

/** Levels of objects an argument that travels in a header may lie in. */
export const MAX_PARAM_HEADER_DEPTH = 32

/** What an argument that travels in a header may be. */
export type ParamHeaderType = 'string' | 'integer' | 'boolean'

/** An argument of a tool that is repeated in a header. */
export interface ParamHeader {
  /** The header, as in `Mcp-Param-Region`. */
  readonly name: string
  /** Names of members that lead from the arguments to the value, at least one. */
  readonly path: readonly string[]
  /** What its schema lets it be, besides null; at least one. */
  readonly type: readonly ParamHeaderType[]
}

const KEYWORD = 'x-mcp-header'
const PREFIX = 'Mcp-Param-'
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean'])

/**
 * The arguments that an input schema wants repeated in headers, in the order they stand there, and for each annotation
 * that breaks a rule one sentence with the place and the rule. Work is linear in the size of the schema.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#x-mcp-header
 */
export function paramHeadersOf(inputSchema: JsonObject): { headers: ParamHeader[]; faults: string[] } {
  const headers: ParamHeader[] = []
  const faults: string[] = []
  const taken = new Set<string>()
  for (const { place, schema } of annotationsOf(inputSchema, KEYWORD)) {
    const annotation = schema[KEYWORD]
    const type = typesOf(schema.type)
    const fault = faultOf(annotation, place, type, taken)
    if (fault !== undefined) faults.push(`${KEYWORD} ${shownAnnotation(annotation)} of ${showPlace(place)} ${fault}`)
    if (typeof annotation === 'string') taken.add(annotation.toLowerCase())
    if (fault === undefined) headers.push({ name: `${PREFIX}${String(annotation)}`, path: pathOf(place), type })
  }
  return { headers, faults }
}

/**
 * Checks that headers repeat the arguments they belong to. An argument that no header can carry (an object, a list) is
 * left to who checks the arguments, unless a header claims to carry it.
 * @throws {RpcError} -32020 naming the header and why; neither value is told
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#x-mcp-header
 */
export function checkParamHeaders(
  list: readonly ParamHeader[],
  args: JsonObject | undefined,
  headers: HeaderLookup,
): void {
  for (const { name, path } of list) {
    const value = valueAt(args, path)
    const sent = headers.get(name)
    const isAbsent = value === undefined || value === null
    if (sent === null) {
      if (isAbsent || !isRepeatable(value)) continue
      throw mismatch(name, path, 'is missing, though the body has a value for it')
    }
    if (isAbsent) throw mismatch(name, path, 'was not expected: the body has no value for it')
    const text = decodeHeaderValue(sent, name)
    if (!says(text, value)) throw mismatch(name, path, 'differs from the value in the body')
  }
}

/**
 * The headers that go with the arguments of a call, ready to be sent; none for an argument that is absent or null.
 * @param args as they stand in the body: values of JSON
 * @throws {TypeError} when a text cannot be written in a header
 */
export function paramHeaderValues(list: readonly ParamHeader[], args: JsonObject | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { name, path } of list) {
    const value = valueAt(args, path)
    if (isRepeatable(value)) headers[name] = encodeHeaderValue(String(value))
  }
  return headers
}

function faultOf(
  annotation: unknown,
  place: Place,
  types: readonly ParamHeaderType[],
  taken: ReadonlySet<string>,
): string | undefined {
  if (typeof annotation !== 'string' || annotation === '') return 'must be a text that is not empty'
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(annotation)) {
    return "must be a token: letters, digits and !#$%&'*+-.^_`|~ without blanks"
  }
  if (!place.isReachable) return 'must stand on a property that is reached through properties alone'
  if (place.depth > MAX_PARAM_HEADER_DEPTH) return `must not lie deeper than ${MAX_PARAM_HEADER_DEPTH} properties`
  if (types.length === 0) return 'must stand on a property of type string, integer or boolean'
  if (taken.has(annotation.toLowerCase())) return 'must be unique in the schema, whatever the case of its letters'
  return undefined
}

/** The types of a schema without null; none when one of them cannot be told by a header. */
function typesOf(type: unknown): ParamHeaderType[] {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null')
  return types.every(isParamHeaderType) ? types : []
}

function isParamHeaderType(type: unknown): type is ParamHeaderType {
  return TYPES.has(type)
}

/** The value at a path, of members that are the objects' own. */
function valueAt(args: JsonObject | undefined, path: readonly string[]): unknown {
  let value: unknown = args
  for (const member of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, member)) return undefined
    value = value[member]
  }
  return value
}

/** What JSON writes as null is null to the other side. */
function isRepeatable(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  )
}

/** "Integer values are compared numerically", so that 42 and 42.0 are the same. */
function says(text: string, value: unknown): boolean {
  if (typeof value === 'string') return text === value
  if (typeof value === 'boolean') return text === String(value)
  if (typeof value !== 'number') return false
  const canonical = canonicalNumber(text)
  return canonical !== undefined && canonical === canonicalNumber(String(value))
}

/** A decimal number with its digits exact, so that two texts of one number become the same text. */
function canonicalNumber(text: string): string | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (sign === undefined || whole === undefined) return undefined
  const digits = whole + fraction
  let start = 0
  let end = digits.length
  while (start < end && digits[start] === '0') start++
  while (end > start && digits[end - 1] === '0') end--
  if (start === end) return '0'
  return `${sign}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}

function mismatch(name: string, path: readonly string[], why: string): RpcError {
  return new RpcError(HEADER_MISMATCH, `the ${name} header for params.arguments.${path.join('.')} ${why}`)
}

function shownAnnotation(value: unknown): string {
  return typeof value === 'string' ? shown(value) : `(${value === null ? 'null' : typeof value})`
}
