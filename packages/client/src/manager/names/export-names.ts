import { hash8 } from './hash8.ts'

/** A tool and the server it is on, by their own names. */
export interface ToolAddress {
  readonly server: string
  readonly tool: string
}

/** A tool under the name a model knows it by. */
export interface ExportedName extends ToolAddress {
  readonly name: string
}

/** Exported names and the tools behind them; both directions are look-ups, a name is never taken apart. */
export interface NameMap {
  /** In the order of the tools given, each tool once. */
  readonly entries: readonly ExportedName[]
  nameOf(server: string, tool: string): string | undefined
  toolOf(name: string): ToolAddress | undefined
}

/** How tools are named towards models. */
export interface ExportNamesOptions {
  /** `server` (the default) puts the server's name and two underscores in front, `none` nothing. */
  readonly prefix?: 'server' | 'none'
  /** The longest name in characters, {@link DEFAULT_MAX_NAME_LENGTH} unless told, never under {@link MIN_MAX_NAME_LENGTH}. */
  readonly maxLength?: number
}

/** What every provider of models accepts. */
export const DEFAULT_MAX_NAME_LENGTH = 64
/** Under this a name would be little more than its hash. */
export const MIN_MAX_NAME_LENGTH = 16

const SEPARATOR = '__'
/** An underscore and the eight characters of the hash. */
const SUFFIX_LENGTH = 9

/**
 * Names tools for models: only `[A-Za-z0-9_-]`, a letter or an underscore first, `maxLength` at most, each name once.
 * A name depends on its own server and tool alone. Where two would be the same, the tool that needed no rewriting keeps
 * the name, and the others get a hash of server and tool at their end, as do names that are too long or have no
 * letter or digit left. The order of the tools has no influence.
 * @throws {RangeError} when `maxLength` is no integer of at least {@link MIN_MAX_NAME_LENGTH}
 */
export function exportNames(
  tools: readonly ToolAddress[],
  { prefix = 'server', maxLength = DEFAULT_MAX_NAME_LENGTH }: ExportNamesOptions = {},
): NameMap {
  if (!Number.isInteger(maxLength) || maxLength < MIN_MAX_NAME_LENGTH) {
    throw new RangeError(`maxLength is ${maxLength}; expected an integer of at least ${MIN_MAX_NAME_LENGTH}`)
  }
  const wishes = new Map<string, Wish>()
  for (const { server, tool } of tools) {
    const key = keyOf(server, tool)
    if (!wishes.has(key)) wishes.set(key, wishOf(key, server, tool, prefix, maxLength))
  }
  const names = assign([...wishes.values()], maxLength)
  const byName = new Map<string, ToolAddress>()
  const entries: ExportedName[] = []
  for (const [key, { server, tool }] of wishes) {
    const name = names.get(key)
    if (name === undefined) continue
    const entry: ExportedName = { name, server, tool }
    entries.push(entry)
    byName.set(name, entry)
  }
  return {
    entries,
    nameOf: (server, tool) => names.get(keyOf(server, tool)),
    toolOf: (name) => byName.get(name),
  }
}

interface Wish extends ToolAddress {
  readonly key: string
  readonly parts: readonly string[]
  readonly plain: string
  /** Nothing was rewritten. */
  readonly exact: boolean
  readonly hashed: boolean
}

function wishOf(key: string, server: string, tool: string, prefix: 'server' | 'none', maxLength: number): Wish {
  const raw = prefix === 'server' ? [server, tool] : [tool]
  const parts = raw.map(cleaned)
  const plain = startable(parts.join(SEPARATOR))
  const nameless = parts.some((part) => !/[A-Za-z0-9]/.test(part))
  const exact = plain === raw.join(SEPARATOR)
  return { key, server, tool, parts, plain, exact, hashed: nameless || plain.length > maxLength }
}

function assign(wishes: readonly Wish[], maxLength: number): Map<string, string> {
  const rivals = new Map<string, Wish[]>()
  for (const wish of wishes) {
    if (wish.hashed) continue
    const same = rivals.get(wish.plain)
    if (same === undefined) rivals.set(wish.plain, [wish])
    else same.push(wish)
  }
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const losers = wishes.filter(({ hashed }) => hashed)
  for (const [plain, same] of rivals) {
    const exact = same.filter((wish) => wish.exact)
    const winner = same.length === 1 ? same[0] : exact.length === 1 ? exact[0] : undefined
    if (winner !== undefined) names.set(winner.key, plain)
    // a name two tools could have meant is nobody's, so that it never changes hands
    taken.add(plain)
    for (const wish of same) if (wish !== winner) losers.push(wish)
  }
  losers.sort((a, b) => (a.key < b.key ? -1 : 1))
  const attempts = new Map<string, number>()
  for (const wish of losers) {
    const first = shortened(wish.parts, hash8(wish.key), maxLength)
    let attempt = attempts.get(first) ?? 0
    let name = first
    while (taken.has(name)) {
      attempt += 1
      name = shortened(wish.parts, hash8(`${wish.key}#${attempt}`), maxLength)
    }
    attempts.set(first, attempt)
    taken.add(name)
    names.set(wish.key, name)
  }
  return names
}

/** The server's part gives way first, for the tool's says more; it keeps a third. */
function shortened(parts: readonly string[], hash: string, maxLength: number): string {
  const room = maxLength - SUFFIX_LENGTH
  const tool = parts.at(-1) ?? ''
  const server = parts.length > 1 ? parts[0] : undefined
  if (server === undefined) return `${startable(tool).slice(0, room)}_${hash}`
  const forServer = Math.max(Math.floor(room / 3), room - tool.length - SEPARATOR.length)
  const head = startable(server).slice(0, forServer)
  return `${`${head}${SEPARATOR}${tool}`.slice(0, room)}_${hash}`
}

function cleaned(part: string): string {
  return part.replace(/[^A-Za-z0-9_-]+/g, '_')
}

/** One provider wants a letter or an underscore first. */
function startable(name: string): string {
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`
}

function keyOf(server: string, tool: string): string {
  return JSON.stringify([server, tool])
}
