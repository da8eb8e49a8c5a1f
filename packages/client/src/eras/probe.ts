import {
  AnsweredError,
  type ConnectionError,
  HEADER_MISMATCH,
  INVALID_PARAMS,
  InvalidResultError,
  type JsonObject,
  METHOD_NOT_FOUND,
  MISSING_CLIENT_CAPABILITY,
  NegotiationError,
  type RpcError,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import type { Greeting } from '../session.ts'
import type { Opening } from '../transports/transport.ts'
import { type Read, readDiscovered, readInitialized, readSupported } from './greeting.ts'

/** How one opening request ended. */
export type Evidence =
  | { kind: 'result'; result: JsonObject }
  | { kind: 'error'; error: RpcError }
  /** It was answered with an HTTP status and no response. */
  | { kind: 'refused'; status: number; error: ConnectionError }
  /** There was no way to the server, or back; nothing is learned of it. */
  | { kind: 'outage'; error: ConnectionError }
  /** Something answered, and it was no response. */
  | { kind: 'nonsense'; error: ConnectionError }
  | { kind: 'silence'; error: ConnectionError }
  /** The connection ended before an answer. */
  | { kind: 'ended'; error: ConnectionError }

/** What to do next on the way to a session. Every chain of steps is finite, because each kind is taken at most twice. */
export type Step =
  | { kind: 'discover'; revision: Revision }
  | { kind: 'initialize'; revision: Revision }
  /** Offer the handshake in the way of the oldest servers. */
  | { kind: 'oldest'; revision: Revision }
  /** Open the transport once more, then initialize at this revision. */
  | { kind: 'reopen'; revision: Revision }
  | { kind: 'modern'; greeting: Greeting }
  | { kind: 'legacy'; greeting: Greeting }
  /** The server ended and will not come back. */
  | { kind: 'dead'; error: ConnectionError }
  | { kind: 'fail'; error: Error }

/** The revisions this side may speak here, newest first in each list; a pin leaves some out. */
export interface Ours {
  readonly stateless: readonly Revision[]
  readonly handshake: readonly Revision[]
}

/** Everything that is known when a step has ended. */
export interface Facts {
  readonly ours: Ours
  /** The revision the request was made in. */
  readonly asked: Revision
  readonly evidence: Evidence
  /** See `Transport.silenceIsEvidence`. */
  readonly silenceIsEvidence: boolean
  /** Whether the transport has a way of its own to the oldest servers. */
  readonly reachesOldest: boolean
  /** Steps taken on the way here, this one included. */
  readonly taken: Readonly<Record<'discover' | 'initialize' | 'oldest' | 'reopen', number>>
  /** Whether a discover request was left without an answer. */
  readonly unanswered: boolean
}

/** Statuses of a server that does not know what it was asked, and may be an older one. */
const OLDER: ReadonlySet<number> = new Set([400, 404, 405, 406, 415])
/** Statuses to the handshake after which the way of the oldest servers is tried. */
const OLDEST: ReadonlySet<number> = new Set([400, 404, 405])

/**
 * Where a conversation begins.
 * @param opening how the server was spoken to before, where that is remembered
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio#backward-compatibility
 */
export function firstStep(ours: Ours, endsOnProbe: boolean, opening?: Opening): Step {
  const [modern] = ours.stateless
  const [legacy] = ours.handshake
  const first = ours.handshake.at(-1)
  if (opening === 'oldest' && first !== undefined) return { kind: 'oldest', revision: first }
  if (opening === 'handshake' && legacy !== undefined) return { kind: 'initialize', revision: legacy }
  // "A client that supports both [...] SHOULD probe with server/discover before sending any other request"
  if (modern !== undefined && !(endsOnProbe && legacy !== undefined)) return { kind: 'discover', revision: modern }
  if (legacy !== undefined) return { kind: 'initialize', revision: legacy }
  return { kind: 'fail', error: new NegotiationError('no protocol version is left to speak', [], undefined) }
}

/** Reads the end of a `server/discover`. */
export function afterDiscover(facts: Facts): Step {
  const { evidence } = facts
  switch (evidence.kind) {
    case 'result': {
      // "A DiscoverResult or a recognized modern error [...] identifies a modern server"
      const read = readDiscovered(evidence.result)
      if (read === undefined) return handshake(facts, malformed('server/discover'))
      const revision = common(facts.ours.stateless, read.versions)
      if (revision !== undefined) return { kind: 'modern', greeting: { revision, ...read.said } }
      return selected(facts, read.versions, undefined)
    }
    case 'error':
      return afterDiscoverError(facts, evidence.error)
    case 'refused':
      // "On 400 the client SHOULD inspect the body before falling back": here there was nothing in it to recognise
      return OLDER.has(evidence.status) ? handshake(facts, evidence.error) : { kind: 'fail', error: evidence.error }
    case 'outage':
      return { kind: 'fail', error: evidence.error }
    case 'nonsense':
    case 'silence':
      // "Any other error, or no response within a reasonable timeout, identifies a legacy server"
      return facts.silenceIsEvidence ? handshake(facts, evidence.error) : { kind: 'fail', error: evidence.error }
    case 'ended':
      return ended(facts, evidence.error)
    default:
      return evidence satisfies never
  }
}

function afterDiscoverError(facts: Facts, error: RpcError): Step {
  const { ours, taken } = facts
  switch (error.code) {
    // "a recognized modern error [...] identifies a modern server — do not fall back to initialize"
    case HEADER_MISMATCH:
    case MISSING_CLIENT_CAPABILITY:
      return { kind: 'fail', error }
    case UNSUPPORTED_PROTOCOL_VERSION: {
      // "The client SHOULD select a mutually supported version from the supported list and retry the request": once,
      // or a server that disagrees with its own list would never be done with
      const supported = readSupported(error.data)
      const revision = common(ours.stateless, supported)
      if (revision === undefined) return selected(facts, supported, error)
      if (taken.discover < 2) return { kind: 'discover', revision }
      return refuse(facts, `the server names ${revision.version} and refuses it`, supported, error)
    }
    default:
      // credentials and outages say nothing of what a server speaks
      if (!isEraEvidence(error)) return { kind: 'fail', error }
      // "The fallback MUST NOT be keyed to one specific error code"
      return handshake(facts, error)
  }
}

/** Reads the end of an `initialize`. */
export function afterInitialize(facts: Facts): Step {
  const { evidence } = facts
  switch (evidence.kind) {
    case 'result':
      return greeted(facts, readInitialized(evidence.result))
    case 'error':
      return afterInitializeError(facts, evidence.error)
    case 'refused':
      return OLDEST.has(evidence.status) ? oldest(facts, evidence.error) : { kind: 'fail', error: evidence.error }
    case 'outage':
      return { kind: 'fail', error: evidence.error }
    case 'nonsense':
    case 'silence':
      return { kind: 'fail', error: evidence.error }
    case 'ended':
      return ended(facts, evidence.error)
    default:
      return evidence satisfies never
  }
}

function greeted(facts: Facts, read: Read | undefined): Step {
  if (read === undefined) return { kind: 'fail', error: malformed('initialize') }
  // "If the client does not support the version in the server's response, it SHOULD disconnect"
  const revision = common(facts.ours.handshake, read.versions)
  if (revision !== undefined) return { kind: 'legacy', greeting: { revision, ...read.said } }
  return refuse(facts, `the server answered initialize with ${read.versions.join()}`, read.versions, undefined)
}

function afterInitializeError(facts: Facts, error: RpcError): Step {
  const { ours, asked, taken, unanswered } = facts
  const supported = readSupported(error.data)
  const again = taken.initialize < 2
  const [modern] = ours.stateless
  // a modern server that was only slow to start, or that a verdict about an older one kept from being asked: it "SHOULD
  // name the protocol versions it supports in any error it returns to an initialize request", and where it does not, its
  // not knowing the method is evidence enough
  const neverAsked = unanswered || taken.discover === 0
  const revision = common(ours.stateless, supported) ?? (knowsNoHandshake(error) && neverAsked ? modern : undefined)
  if (revision !== undefined && again) return { kind: 'discover', revision }
  // older servers were shown to list their versions in an error instead of answering with one of them
  const older = common(ours.handshake, supported)
  if (older !== undefined && older !== asked && again) return { kind: 'initialize', revision: older }
  if (supported !== undefined || error.code === UNSUPPORTED_PROTOCOL_VERSION) {
    return refuse(facts, 'the server refused the handshake', supported, error)
  }
  if (error instanceof AnsweredError && error.status !== undefined && OLDEST.has(error.status))
    return oldest(facts, error)
  return { kind: 'fail', error }
}

/** "If it fails with 400, 404 or 405, issue a GET to the server URL, expecting an endpoint event." */
function oldest({ ours, reachesOldest, taken }: Facts, error: Error): Step {
  const revision = ours.handshake.at(-1)
  if (revision === undefined || !reachesOldest || taken.oldest > 0) return { kind: 'fail', error }
  return { kind: 'oldest', revision }
}

/** Whether an error tells of a server that does not know what it was asked, and not of one that did not get to it. */
function isEraEvidence(error: RpcError): boolean {
  const status = error instanceof AnsweredError ? error.status : undefined
  return status === undefined || OLDER.has(status)
}

function knowsNoHandshake({ code }: RpcError): boolean {
  // "initialize is an unknown method and the request also lacks the required _meta fields"
  return code === UNSUPPORTED_PROTOCOL_VERSION || code === METHOD_NOT_FOUND || code === INVALID_PARAMS
}

/**
 * The server named versions and no modern one is shared. A shared older one can only be spoken through the handshake:
 * that is "a mutually supported version" and no fallback.
 */
function selected(facts: Facts, supported: readonly string[] | undefined, cause: RpcError | undefined): Step {
  const revision = common(facts.ours.handshake, supported)
  if (revision !== undefined && facts.taken.initialize === 0) return { kind: 'initialize', revision }
  return refuse(facts, 'client and server share no protocol version', supported, cause)
}

/** Some old servers end on any request before initialize; a server that ends after that as well is dead. */
function ended({ ours, silenceIsEvidence, taken }: Facts, error: ConnectionError): Step {
  const [revision] = ours.handshake
  const probed = taken.discover > 0 && taken.reopen === 0 && taken.initialize < 2
  if (revision !== undefined && silenceIsEvidence && probed) return { kind: 'reopen', revision }
  return { kind: 'dead', error }
}

/** Falls back to the handshake, where this side may and has not been there. */
function handshake(facts: Facts, cause: Error): Step {
  const [revision] = facts.ours.handshake
  if (revision !== undefined && facts.taken.initialize === 0) return { kind: 'initialize', revision }
  const pinned = facts.ours.handshake.length === 0 ? ', and nothing else is allowed (pin)' : ''
  return refuse(facts, `the server does not answer server/discover as a modern server does${pinned}`, undefined, cause)
}

function refuse(
  { ours }: Facts,
  message: string,
  theirs: readonly string[] | undefined,
  cause: Error | undefined,
): Step {
  const versions = [...ours.stateless, ...ours.handshake].map((revision) => revision.version)
  const named = theirs === undefined ? 'names none' : `speaks ${theirs.join(', ') || 'none'}`
  const words = `${message} (this client speaks ${versions.join(', ')}; the server ${named})`
  return { kind: 'fail', error: new NegotiationError(words, versions, theirs, cause && { cause }) }
}

function common(ours: readonly Revision[], theirs: readonly string[] | undefined): Revision | undefined {
  return theirs && ours.find((revision) => theirs.includes(revision.version))
}

function malformed(method: string): InvalidResultError {
  return new InvalidResultError(method, 'it lacks versions or capabilities, or they have the wrong type')
}
