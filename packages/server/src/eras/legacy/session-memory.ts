import type { ClientCapabilities, Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import { HUB_LOST, INVALID_REQUEST, type LogLevel, RpcError } from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type RequestFacts } from '@bao-mcp/protocol/revisions'
import type { Hub } from '../../hub/port.ts'
import type { ConversationMemory } from './memory.ts'

/** What a session over HTTP remembers: a record in the hub, so that every node knows it, and this node's copy of it. */
export interface SessionMemory extends ConversationMemory {
  /** Takes over what the record holds now. */
  refresh(fields: Readonly<Record<string, string>>): void
  /** Takes over what another node has written. */
  heard(uri: string, isWanted: boolean): void
  /** How often that was. */
  readonly heardTimes: number
}

export interface SessionMemoryOptions {
  readonly hub: Hub
  readonly session: string
  readonly principal: string | undefined
  /** Milliseconds the record is kept from each time it is used. */
  readonly keptMs: number
  /** Told what other nodes have to know at once; resolves when they were told. */
  onChanged(uri: string, isWanted: boolean): Promise<void>
}

const PRINCIPAL = 'principal'
const OPENED = 'opened'
const LEVEL = 'level'
const URI = 'uri '

/** What is written as soon as a client goes on after its handshake. */
export const USED: Readonly<Record<string, string>> = { used: '' }

/** What the handshake settled, as it is kept. */
interface Opened {
  version: string
  clientCapabilities: ClientCapabilities
  clientInfo: Implementation | undefined
  declared: ServerCapabilities
}

export function recordName(session: string): string {
  return `session/${session}`
}

/** Whether a record belongs to whoever asks. "Sessions SHOULD be bound to the user." */
export function belongsTo(fields: Readonly<Record<string, string>>, principal: string | undefined): boolean {
  return fields[PRINCIPAL] === principal
}

/** Whether the client of a record has sent anything after its handshake, over whichever node. */
export function isUsed(fields: Readonly<Record<string, string>>): boolean {
  return 'used' in fields
}

export function createSessionMemory(options: SessionMemoryOptions): SessionMemory {
  const { hub, session, principal, keptMs } = options
  const record = recordName(session)
  let opened: string | undefined
  let facts: RequestFacts | undefined
  let declared: ServerCapabilities = {}
  let uris = new Set<string>()
  let heardTimes = 0

  async function write(fields: Record<string, string | undefined>): Promise<void> {
    if (await hub.update(record, fields, keptMs)) return
    throw new RpcError(INVALID_REQUEST, 'the session is over')
  }

  function level(): LogLevel | undefined {
    return facts?.logLevel
  }

  return {
    get facts() {
      return facts
    },
    get declared() {
      return declared
    },
    get uris() {
      return uris
    },
    async open(settled, told) {
      const { revision, clientCapabilities, clientInfo, logLevel } = settled
      const kept: Opened = { version: revision.version, clientCapabilities, clientInfo, declared: told }
      opened = JSON.stringify(kept)
      await hub.create(
        record,
        {
          [OPENED]: opened,
          ...(logLevel !== undefined && { [LEVEL]: logLevel }),
          ...(principal !== undefined && { [PRINCIPAL]: principal }),
        },
        keptMs,
      )
      facts = settled
      declared = told
    },
    async setLogLevel(logLevel) {
      await write({ [LEVEL]: logLevel })
      if (facts !== undefined) facts = { ...facts, logLevel }
    },
    async subscribe(uri) {
      await write({ [URI + uri]: '' })
      uris.add(uri)
      await options.onChanged(uri, true)
    },
    async unsubscribe(uri) {
      await write({ [URI + uri]: undefined })
      uris.delete(uri)
      await options.onChanged(uri, false)
    },
    get heardTimes() {
      return heardTimes
    },
    heard(uri, isWanted) {
      heardTimes++
      if (isWanted) uris.add(uri)
      else uris.delete(uri)
    },
    refresh(fields) {
      const text = fields[OPENED]
      if (text === undefined) throw new RpcError(HUB_LOST, 'the record of the session cannot be read')
      // proof: only setLogLevel and open above write the field
      const logLevel = fields[LEVEL] as LogLevel | undefined
      if (text !== opened || facts === undefined) {
        // proof: only open() above writes the field
        const kept = JSON.parse(text) as Opened
        opened = text
        declared = kept.declared
        facts = factsOf(kept, logLevel)
      } else if (level() !== logLevel) facts = { ...facts, logLevel }
      const names = Object.keys(fields).filter((name) => name.startsWith(URI))
      if (names.length !== uris.size || names.some((name) => !uris.has(name.slice(URI.length)))) {
        uris = new Set(names.map((name) => name.slice(URI.length)))
      }
    },
  }
}

function factsOf({ version, clientCapabilities, clientInfo }: Opened, logLevel: LogLevel | undefined): RequestFacts {
  const revision = handshakeRevisions.find((one) => one.version === version)
  if (revision === undefined) throw new RpcError(HUB_LOST, 'the session speaks a version that this node does not know')
  return { revision, clientCapabilities, clientInfo, logLevel, progressToken: undefined }
}
