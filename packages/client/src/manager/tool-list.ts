import type { Tool } from '@bao-mcp/protocol'
import type { Clock, MaybePromise } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import type { EventBody } from './events.ts'
import { isConnectionLost, wordsOf } from './failures.ts'
import { createListings, type Listings } from './listings.ts'
import type { ManagerError } from './manager-error.ts'
import type { ServerPinning } from './pinning.ts'

/** A page of tools has to come within so many milliseconds, or less where calls of the server may take less. */
export const MAX_LIST_TIMEOUT_MS = 15_000

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
  /** True while the server said that they are others and was not asked. */
  readonly isStale: boolean
  /** Never rejects; undefined when what is known from before has been compared with what was accepted. Nothing is shown until then. */
  readonly judging: Promise<void> | undefined
  /**
   * Lists them at the beginning of a connection, and from then on whenever they change. A server that cannot list them
   * is warned of and keeps what was known.
   * @throws {ConnectionError} when the connection ended meanwhile
   */
  follow(client: Client): Promise<void>
  /** Asks now, behind a question that is under way; the old list stays when that fails, and who asked is told why. */
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
  let all: readonly Tool[] | undefined
  let visible: readonly Tool[] | undefined
  let isLive = false
  let listedLast: readonly Tool[] | undefined
  let withheld: ReadonlySet<string> | undefined
  /** The connection that is followed; another object each time, as a shared connection may be followed twice. */
  let followed: Following | undefined
  /** What is compared with what was accepted goes one by one: an older list must not be judged after a newer one. */
  let turn: Promise<void> = Promise.resolve()
  let judging: Promise<void> | undefined

  function allows(tool: string): boolean {
    if (deny.some((matches) => matches(tool))) return false
    return allow === undefined || allow.some((matches) => matches(tool))
  }

  function inTurn(judge: () => Promise<void>): Promise<void> {
    const mine = turn.then(judge)
    // who waits for it is told
    turn = mine.catch(() => undefined)
    return mine
  }

  async function load(mine: Following): Promise<void> {
    const { client } = mine
    const isOffered = client.capabilities.tools !== undefined
    const listed = isOffered ? await client.listTools({ fresh: true, timeoutMs }) : []
    const verdict = isOffered ? await vet?.({ server, tools: listed, before: all }) : undefined
    if (followed !== mine) return
    if (verdict !== undefined) return options.quarantine(verdict.quarantine)
    await inTurn(async () => {
      const judgement = isOffered ? await pinning?.judge({ tools: listed, before: all, allows }) : undefined
      if (followed !== mine) return
      listedLast = listed
      if (judgement?.quarantine !== undefined) return options.quarantine(judgement.quarantine)
      isLive = true
      use(listed, judgement?.withheld)
    })
  }

  /** What is known from before is no word of the server: it is shown without what was not accepted, and nobody suffers. */
  async function judgeKnown(known: readonly Tool[]): Promise<void> {
    const judgement = await pinning?.judge({ tools: known, before: undefined, allows, again: true })
    listedLast = known
    withheld = judgement?.withheld
    if (judgement?.quarantine === undefined) show(known)
  }

  function show(listed: readonly Tool[]): void {
    const not = withheld
    all = not === undefined || not.size === 0 ? listed : listed.filter(({ name }) => !not.has(name))
    visible = all.filter(({ name }) => allows(name))
  }

  function use(listed: readonly Tool[], not: ReadonlySet<string> | undefined): void {
    const before = new Set(visible?.map(({ name }) => name))
    withheld = not
    show(listed)
    const now = new Set(visible?.map(({ name }) => name))
    // a server that never had any says nothing
    if (followed?.client.capabilities.tools === undefined && before.size + now.size === 0) return
    emit({
      kind: 'tools',
      server,
      count: now.size,
      added: [...now].filter((name) => !before.has(name)),
      removed: [...before].filter((name) => !now.has(name)),
    })
  }

  function warn(mine: Following, message: string): void {
    if (followed === mine) emit({ kind: 'warning', server, message })
  }

  /** A server that does not tell of changes is listed at the beginning of a connection only. */
  function listen(mine: Following): void {
    const { client, listings } = mine
    if (client.capabilities.tools?.listChanged !== true) return
    client
      .listen({ tools: true }, () => listings.changed())
      .then(
        () => {
          // what changed between the two was not told
          if (mine.hasListed) listings.changed()
        },
        (error: unknown) => warn(mine, `it does not tell of changes of its tools: ${wordsOf(error)}`),
      )
  }

  if (options.known !== undefined && pinning !== undefined) {
    judging = inTurn(() => judgeKnown(options.known ?? [])).finally(() => {
      judging = undefined
    })
  } else if (options.known !== undefined) show(options.known)

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
    get isStale() {
      return followed?.listings.isStale === true
    },
    get judging() {
      return judging
    },
    async follow(client) {
      const listings = createListings({
        clock,
        list: () => load(mine),
        failed(error) {
          warn(mine, `its tools changed and could not be listed, the old list stays: ${wordsOf(error)}`)
        },
      })
      const mine: Following = { client, listings, hasListed: false }
      followed?.listings.stop()
      followed = mine
      await judging
      // first, so that nothing changes unnoticed behind the list
      listen(mine)
      try {
        await listings.now()
      } catch (error) {
        if (isConnectionLost(error)) throw error
        warn(mine, `its tools could not be listed: ${wordsOf(error)}`)
      }
      mine.hasListed = true
    },
    async refresh(client) {
      if (followed?.client === client) await followed.listings.now()
      // it says why it is no longer followed
      else await client.listTools({ fresh: true, timeoutMs })
    },
    leave() {
      followed?.listings.stop()
      followed = undefined
    },
    allows,
    refusal: (tool) => (withheld?.has(tool) === true ? pinning?.refusal(tool) : undefined),
    reconsider: () =>
      inTurn(async () => {
        const listed = listedLast
        const judgement = listed && (await pinning?.judge({ tools: listed, before: undefined, allows, again: true }))
        if (listed === undefined || judgement === undefined || judgement.quarantine !== undefined) return
        if (all === undefined || differs(withheld, judgement.withheld)) use(listed, judgement.withheld)
      }),
  }
}

/** One connection. */
interface Following {
  readonly client: Client
  readonly listings: Listings
  hasListed: boolean
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
