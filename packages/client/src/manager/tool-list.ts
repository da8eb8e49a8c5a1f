import type { Tool } from '@bao-mcp/protocol'
import type { Clock, MaybePromise } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import type { EventBody } from './events.ts'
import { isConnectionLost, wordsOf } from './failures.ts'
import type { ManagerError } from './manager-error.ts'
import type { ServerPinning } from './pinning.ts'

/** Changes that come within so many milliseconds are looked at together. */
export const TOOLS_DEBOUNCE_MS = 75
/** A page of tools has to come within so many milliseconds, or less where calls of the server may take less. */
const MAX_LIST_TIMEOUT_MS = 15_000

/** What is thought of the tools of a server before anybody sees them: `quarantine` says why they are not to be trusted. */
export type ToolsVerdict = undefined | { readonly quarantine: string }

/**
 * Judges a list of tools that a server gave.
 * `before` is those that were known until then; undefined for none
 */
export type Vet = (look: {
  readonly server: string
  readonly tools: readonly Tool[]
  readonly before: readonly Tool[] | undefined
}) => MaybePromise<ToolsVerdict>

/** The tools of one server, as they were listed last, or as they are known from before. */
export interface ToolList {
  /** Those that are let through; undefined while nothing is known. */
  readonly tools: readonly Tool[] | undefined
  /** All of them but those that are withheld, for keeping. */
  readonly all: readonly Tool[] | undefined
  /** True when the server itself listed them, whether or not it still runs. */
  readonly isLive: boolean
  /**
   * Lists them at the beginning of a connection, and from then on whenever they change. A server that cannot list them
   * is warned of and keeps what was known.
   * @throws {ConnectionError} when the connection ended meanwhile
   */
  follow(client: Client): Promise<void>
  /** Asks now; the old list stays when that fails, and who asked is told why. */
  refresh(client: Client): Promise<void>
  /** Stops following. */
  leave(): void
  /** Whether the server's owner lets this tool through. */
  allows(tool: string): boolean
  /** Why a tool is withheld though it was listed; undefined where it is not. */
  refusal(tool: string): ManagerError | undefined
  /** Judges the last list once more, as tools may have been accepted. */
  reconsider(): Promise<void>
}

export interface ToolListOptions {
  readonly server: string
  readonly clock: Clock
  readonly known: readonly Tool[] | undefined
  readonly allow: readonly string[] | undefined
  readonly deny: readonly string[] | undefined
  readonly vet: Vet | undefined
  readonly pinning: ServerPinning | undefined
  /** Milliseconds calls of this server may take, where that is known. */
  readonly timeoutMs: number | undefined
  emit(event: EventBody): void
  quarantine(reason: string): void
}

export function createToolList(options: ToolListOptions): ToolList {
  const { server, clock, vet, pinning, emit } = options
  const timeoutMs = Math.min(options.timeoutMs ?? MAX_LIST_TIMEOUT_MS, MAX_LIST_TIMEOUT_MS)
  const allow = options.allow?.map(matcher)
  const deny = (options.deny ?? []).map(matcher)
  let all = options.known
  let visible = all?.filter(({ name }) => allows(name))
  let isLive = false
  let listedLast: readonly Tool[] | undefined
  let withheld: ReadonlySet<string> | undefined
  /** The connection that is followed. */
  let followed: Client | undefined
  let stopTimer: (() => void) | undefined
  let refreshing: Promise<void> | undefined
  let isStale = false

  function allows(tool: string): boolean {
    if (deny.some((matches) => matches(tool))) return false
    return allow === undefined || allow.some((matches) => matches(tool))
  }

  async function load(client: Client): Promise<void> {
    const listed = await client.listTools({ fresh: true, timeoutMs })
    const verdict = await vet?.({ server, tools: listed, before: all })
    if (followed !== client) return
    if (verdict !== undefined) return options.quarantine(verdict.quarantine)
    const judgement = await pinning?.judge({ tools: listed, before: all, allows })
    if (followed !== client) return
    listedLast = listed
    if (judgement?.quarantine !== undefined) return options.quarantine(judgement.quarantine)
    isLive = true
    use(listed, judgement?.withheld)
  }

  function use(listed: readonly Tool[], not: ReadonlySet<string> | undefined): void {
    const before = new Set(visible?.map(({ name }) => name))
    withheld = not
    all = not === undefined || not.size === 0 ? listed : listed.filter(({ name }) => !not.has(name))
    visible = all.filter(({ name }) => allows(name))
    const now = new Set(visible.map(({ name }) => name))
    emit({
      kind: 'tools',
      server,
      count: now.size,
      added: [...now].filter((name) => !before.has(name)),
      removed: [...before].filter((name) => !now.has(name)),
    })
  }

  function changed(): void {
    isStale = true
    // a refresh that is under way begins once more when it is done
    if (refreshing !== undefined) return
    stopTimer?.()
    stopTimer = clock.after(TOOLS_DEBOUNCE_MS, () => {
      stopTimer = undefined
      refreshing = catchUp().finally(() => {
        refreshing = undefined
      })
    })
  }

  /** Never rejects. */
  async function catchUp(): Promise<void> {
    for (let client = followed; isStale && client !== undefined; client = followed) {
      isStale = false
      try {
        await load(client)
      } catch (error) {
        warn(`its tools changed and could not be listed, the old list stays: ${wordsOf(error)}`)
      }
    }
  }

  function warn(message: string): void {
    if (followed !== undefined) emit({ kind: 'warning', server, message })
  }

  /** A server that does not tell of changes is listed at the beginning of a connection only. */
  function listen(client: Client): void {
    if (client.capabilities.tools?.listChanged !== true) return
    client
      .listen({ tools: true }, () => {
        if (followed === client) changed()
      })
      .catch((error: unknown) => {
        if (followed === client) warn(`it does not tell of changes of its tools: ${wordsOf(error)}`)
      })
  }

  return {
    get tools() {
      return visible
    },
    get all() {
      return all
    },
    get isLive() {
      return isLive
    },
    async follow(client) {
      followed = client
      isStale = false
      if (client.capabilities.tools === undefined) {
        all = []
        visible = []
        isLive = true
        return
      }
      try {
        await load(client)
      } catch (error) {
        if (isConnectionLost(error)) throw error
        warn(`its tools could not be listed: ${wordsOf(error)}`)
      }
      if (followed === client) listen(client)
    },
    refresh: (client) => load(client),
    leave() {
      followed = undefined
      stopTimer?.()
      stopTimer = undefined
    },
    allows,
    refusal: (tool) => (withheld?.has(tool) === true ? pinning?.refusal(tool) : undefined),
    async reconsider() {
      const listed = listedLast
      const judgement = listed && (await pinning?.judge({ tools: listed, before: undefined, allows }))
      // a newer list was judged meanwhile
      if (judgement === undefined || listed === undefined || listed !== listedLast) return
      if (judgement.quarantine === undefined && differs(withheld, judgement.withheld)) use(listed, judgement.withheld)
    },
  }
}

function differs(some: ReadonlySet<string> | undefined, others: ReadonlySet<string>): boolean {
  return (some?.size ?? 0) !== others.size || [...others].some((name) => some?.has(name) !== true)
}

/** Compares with a name in which `*` stands for any characters. The work grows linearly with the names. */
function matcher(pattern: string): (name: string) => boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return (name) => name === pattern
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
    let at = head.length
    const end = name.length - tail.length
    for (const part of rest) {
      const found = name.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
