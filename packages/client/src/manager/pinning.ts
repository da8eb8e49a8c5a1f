import type { Tool } from '@bao-mcp/protocol'
import type { EventBody } from './events.ts'
import { wordsOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import { pinKey } from './pin-key.ts'
import { type AcceptToolsOptions, type Pinning, readPinning } from './pin-options.ts'
import {
  acceptPins,
  changedTools,
  describeChanges,
  type Pins,
  parsePins,
  pinTools,
  printPins,
  type ToolChange,
  type ToolChanges,
} from './pin-set.ts'
import type { PinStore } from './pin-store.ts'
import type { ServerConfig } from './server-config.ts'

/** What is thought of a list of tools. */
export interface PinJudgement {
  /** Names that are neither listed nor called. */
  readonly withheld: ReadonlySet<string>
  /** Why the server is to be quarantined. */
  readonly quarantine?: string
}

/** Remembers which tools of one server were accepted, and compares what it lists with them. */
export interface ServerPinning {
  /** What is not accepted of the last list. */
  readonly pending: ToolChanges | undefined
  /** Why the server was quarantined last. */
  readonly quarantined: string | undefined
  /** Judges a list; the first one that is not empty is accepted as it is. Never rejects: what cannot be judged is withheld where changes are. */
  judge(look: PinLook): Promise<PinJudgement>
  /** Why a tool is withheld; names what changed in words of this side alone, so that a model may read it. */
  refusal(tool: string): ManagerError
  /**
   * Accepts tools as they were listed last, by default those whose changes are described, and gives their names.
   * @throws {ManagerError} `unknown_tool` for one that needs no accepting, `changes_stale`, `pins_failed`
   */
  accept(options: AcceptToolsOptions): Promise<string[]>
}

/** A list of tools to judge. */
export interface PinLook {
  readonly tools: readonly Tool[]
  /** Those that were shown until now; the first time they are what is accepted. */
  readonly before: readonly Tool[] | undefined
  /** Whether anybody sees a tool; of another nothing is told. */
  allows(tool: string): boolean
  /** Nothing new was listed: nobody is quarantined for what comes of it. */
  readonly again?: true
}

/** Whose tools are pinned, how, and where that is kept. */
export interface PinningOptions {
  readonly server: string
  readonly config: ServerConfig
  readonly setting: Pinning
  readonly store: PinStore
  emit(event: EventBody): void
}

/** Attempts to write that may be lost to other processes. */
const MAX_WRITES = 8
const NOTHING: ReadonlySet<string> = new Set()

/** The pins of one server of a manager; undefined where nothing is pinned. @throws {ManagerError} `invalid_config` */
export function createPinning({ server, config, setting, store, emit }: PinningOptions): ServerPinning | undefined {
  const { mode, blocks } = settingOf(server, setting)
  if (mode === 'off') return undefined
  let keyed: Promise<string> | undefined
  let pending: ToolChanges | undefined
  let quarantined: string | undefined
  /** The last list, and which of it is not accepted. */
  let last: { listed: Pins; names: readonly string[] } | undefined
  let trouble: { readonly error: unknown; readonly words: string } | undefined

  function key(): Promise<string> {
    keyed ??= pinKey(server, config)
    return keyed
  }

  async function read(): Promise<{ text: string | undefined; pinned: Pins | undefined }> {
    const text = await store.read(await key())
    return { text, pinned: text === undefined ? undefined : parsePins(text) }
  }

  /** The pins, which are made when there are none. */
  async function trusted(listed: Pins, before: readonly Tool[] | undefined): Promise<Pins> {
    for (let times = 0; times < MAX_WRITES; times++) {
      const { text, pinned } = await read()
      if (pinned !== undefined) return pinned
      const first = before === undefined || before.length === 0 ? listed : await pinTools(before)
      if (first.size === 0) return first
      if (await store.write(await key(), printPins(server, first), text)) {
        emit({ kind: 'pinned', server, count: first.size })
        return first
      }
    }
    throw lostRace()
  }

  async function look({ tools, before, allows, again }: PinLook): Promise<PinJudgement> {
    const listed = await pinTools(tools)
    const pinned = await trusted(listed, before)
    const names = changedTools(pinned, listed).filter(allows)
    const changes = await describeChanges(pinned, listed, names)
    const isNews = changes !== undefined && changes.digest !== pending?.digest
    last = { listed, names }
    pending = changes
    trouble = undefined
    if (changes === undefined) return { withheld: NOTHING }
    const isBlocked = mode === 'block'
    if (isNews) emit({ kind: 'changed', server, isBlocked, ...changes })
    if (!isBlocked) return { withheld: NOTHING }
    if (blocks === 'tools') return { withheld: new Set(names) }
    const fresh = names.filter((name) => !pinned.has(name)).length
    const quarantine = `tools are not as they were accepted: ${names.length - fresh} changed, ${fresh} new; somebody has to look at them (acceptTools)`
    if (again !== true) quarantined = quarantine
    return { withheld: new Set(names), quarantine }
  }

  function lostRace(): ManagerError {
    const message = `the pins of ${server} changed ${MAX_WRITES} times while they were written`
    return new ManagerError('pins_failed', message, { server })
  }

  function reasonOf(change: ToolChange | undefined): string {
    if (change?.kind === 'new') return 'came after the tools of this server were accepted'
    const fields = change?.fields.join(', ') ?? ''
    return `is not as it was accepted${fields === '' ? '' : ` (${fields} changed)`}`
  }

  return {
    get pending() {
      return pending
    },
    get quarantined() {
      return quarantined
    },
    async judge(question) {
      try {
        return await look(question)
      } catch (error) {
        const words = wordsOf(error)
        const message = `its tools could not be compared with what was accepted: ${words}`
        if (trouble?.words !== words) emit({ kind: 'warning', server, message })
        trouble = { error, words }
        // what nobody can vouch for must not pass for accepted
        return { withheld: mode === 'block' ? new Set(question.tools.map(({ name }) => name)) : NOTHING }
      }
    },
    refusal(tool) {
      if (trouble !== undefined) {
        const message = `the tool "${tool}" of ${server} is withheld: it cannot be compared with what was accepted; do not try again`
        return new ManagerError('pins_failed', message, { server, tool, cause: trouble.error })
      }
      const change = pending?.changes.find((one) => one.tool === tool)
      const advice = `it is withheld until somebody accepts it: acceptTools(${JSON.stringify(server)}); do not try again`
      const message = `the tool "${tool}" of ${server} ${reasonOf(change)}: ${advice}`
      return new ManagerError('tool_changed', message, { server, tool, change })
    },
    async accept({ tools, digest }) {
      if (last === undefined) return []
      const { listed, names: changed } = last
      if (digest !== undefined && digest !== pending?.digest) {
        const message = `the changes of ${server} are others than those of this digest: look at them again`
        throw new ManagerError('changes_stale', message, { server })
      }
      const unknown = tools?.find((tool) => !changed.includes(tool))
      if (unknown !== undefined) {
        const message = `the tool ${JSON.stringify(unknown)} of ${server} needs no accepting`
        throw new ManagerError('unknown_tool', message, { server, tool: unknown, known: changed })
      }
      // what nobody could have seen has to be named
      const names = [...(tools ?? pending?.changes.map(({ tool }) => tool) ?? [])]
      for (let times = 0; names.length > 0; times++) {
        if (times === MAX_WRITES) throw lostRace()
        const { text, pinned = new Map() } = await read()
        const after = acceptPins(pinned, listed, names)
        if (await store.write(await key(), printPins(server, after), text)) break
      }
      if (names.length > 0) emit({ kind: 'accepted', server, tools: names })
      return names
    },
  }
}

function settingOf(server: string, setting: Pinning): ReturnType<typeof readPinning> {
  try {
    return readPinning(setting)
  } catch (cause) {
    const message = `the server "${server}" cannot be added: ${wordsOf(cause)}`
    throw new ManagerError('invalid_config', message, { server, cause })
  }
}
