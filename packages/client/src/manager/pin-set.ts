import type { Tool } from '@bao-mcp/protocol'
import { isJsonObject } from '@bao-mcp/protocol/engine'
import { diffDefinitions } from './pin-diff.ts'
import { stableText } from './stable-text.ts'

/** Longest definition that is kept for comparing, in UTF-16 units of JSON; of a longer one only the digest is. */
export const MAX_PINNED_DEFINITION = 32_768
/** The same for all definitions of a server together. */
export const MAX_PINNED_DEFINITIONS = 1_048_576
/** Characters the description of all changes may have. */
export const MAX_DIFF_CHARACTERS = 16_384
/** Tools whose changes are described. */
export const MAX_DESCRIBED_TOOLS = 50

/** What a model sees of one tool. */
export interface Pin {
  /** SHA-256 of name, title, description, schemas and annotations, whatever the order of their members. */
  readonly digest: string
  /** The same to compare with; undefined where it was too long to be kept. */
  readonly definition?: unknown
}

/** Tools of one server by name. */
export type Pins = ReadonlyMap<string, Pin>

/** The parts of a tool that a model sees. */
export type PinnedField = (typeof FIELDS)[number]

/** How a tool differs from the one that was accepted. JSON. */
export interface ToolChange {
  readonly tool: string
  /** `new`: the server had no tool of the name. */
  readonly kind: 'changed' | 'new'
  readonly fields: readonly PinnedField[]
  /** One a change, fit for a terminal. They quote what the server says: show them to people, never to a model. */
  readonly lines: readonly string[]
  /** Changes that are not among the lines. */
  readonly more: number
}

/** All tools of a server that are not as they were accepted. JSON. */
export interface ToolChanges {
  /** The same exactly for the same changes. */
  readonly digest: string
  readonly changes: readonly ToolChange[]
  /** Tools that are not described. */
  readonly more: number
}

/** Pins tools as they are. Several of one name are one pin. */
export async function pinTools(tools: readonly Tool[]): Promise<Pins> {
  const byName = new Map<string, unknown[]>()
  for (const tool of tools) {
    const shown = Object.fromEntries(FIELDS.flatMap((field) => (field in tool ? [[field, tool[field]]] : [])))
    // as it is on the wire, wherever the object comes from
    const definition: unknown = JSON.parse(JSON.stringify(shown))
    const same = byName.get(tool.name)
    if (same === undefined) byName.set(tool.name, [definition])
    else same.push(definition)
  }
  const pins = [...byName].map(async ([name, definitions]): Promise<[string, Pin]> => {
    const definition = definitions.length === 1 ? definitions[0] : definitions
    return [name, { digest: await digestOf(stableText(unordered(definition))), definition }]
  })
  return new Map(await Promise.all(pins))
}

/** Names of the listed tools that are not as they are pinned, new ones included. Tools that are gone are no change. */
export function changedTools(pinned: Pins, listed: Pins): string[] {
  return [...listed].filter(([name, { digest }]) => pinned.get(name)?.digest !== digest).map(([name]) => name)
}

/** Describes what is different, within limits. Undefined where nothing is. */
export async function describeChanges(
  pinned: Pins,
  listed: Pins,
  names: readonly string[] = changedTools(pinned, listed),
): Promise<ToolChanges | undefined> {
  if (names.length === 0) return undefined
  const changes: ToolChange[] = []
  let left = MAX_DIFF_CHARACTERS
  for (const tool of names) {
    if (changes.length >= MAX_DESCRIBED_TOOLS || tool.length > left) continue
    const [before, after] = [pinned.get(tool), listed.get(tool)]
    const { lines, more } = diffDefinitions(before?.definition, after?.definition, left - tool.length)
    // of which nothing can be shown any more is not described
    if (lines.length === 0) continue
    left -= tool.length
    const shown = before === undefined || before.definition !== undefined ? lines : [NOT_KEPT, ...lines]
    for (const line of shown) left -= line.length
    const fields = changedFields(before?.definition, after?.definition)
    changes.push({ tool, kind: before === undefined ? 'new' : 'changed', fields, lines: shown, more })
  }
  const digest = await digestOf(stableText(names.toSorted().map((name) => [name, listed.get(name)?.digest])))
  return { digest, changes, more: names.length - changes.length }
}

/** The pins after these listed tools were accepted; the others stay as they are. Default: all that are listed. */
export function acceptPins(pinned: Pins, listed: Pins, names: Iterable<string> = listed.keys()): Pins {
  const after = new Map(pinned)
  for (const name of names) {
    const pin = listed.get(name)
    if (pin !== undefined) after.set(name, pin)
  }
  return after
}

/** Text to keep. @param server what its owner calls it, for whoever reads the text */
export function printPins(server: string, pins: Pins): string {
  let left = MAX_PINNED_DEFINITIONS
  const tools = [...pins].map(([name, { digest, definition }]): [string, Pin] => {
    const length = definition === undefined ? 0 : JSON.stringify(definition).length
    if (definition === undefined || length > Math.min(left, MAX_PINNED_DEFINITION)) return [name, { digest }]
    left -= length
    return [name, { digest, definition }]
  })
  return JSON.stringify({ format: FORMAT, server, tools: Object.fromEntries(tools) })
}

/** Reads what {@link printPins} wrote. @throws {Error} when it is anything else */
export function parsePins(text: string): Pins {
  const read: unknown = JSON.parse(text)
  if (!isJsonObject(read) || read.format !== FORMAT || !isJsonObject(read.tools)) {
    throw new Error(`pins must be an object with "format": ${FORMAT} and "tools"`)
  }
  return new Map(
    Object.entries(read.tools).map(([name, pin]): [string, Pin] => {
      if (!isJsonObject(pin) || typeof pin.digest !== 'string') throw new Error('a pin must have a "digest"')
      return [name, { digest: pin.digest, ...(pin.definition !== undefined && { definition: pin.definition }) }]
    }),
  )
}

/** SHA-256 in hexadecimal digits. */
export async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const FORMAT = 1
const NOT_KEPT = '~ the accepted definition was too long to be kept; this is the new one:'
const FIELDS = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

function changedFields(before: unknown, after: unknown): PinnedField[] {
  const [old, fresh] = [isJsonObject(before) ? before : {}, isJsonObject(after) ? after : {}]
  return FIELDS.filter((field) => stableText(unordered(old[field])) !== stableText(unordered(fresh[field])))
}

/** With the names a schema requires in an order of their own: it means nothing, and some servers list them at random. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'required' && Array.isArray(one) && one.every((name) => typeof name === 'string')
        ? one.toSorted()
        : unordered(one),
    ]),
  )
}
