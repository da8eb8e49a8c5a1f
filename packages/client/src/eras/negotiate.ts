import type { Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import {
  type CloseReason,
  ConnectionError,
  type JsonObject,
  NegotiationError,
  type PeerOptions,
  RpcError,
  type Stray,
} from '@bao-mcp/protocol/engine'
import { type Era, handshakeRevisions, PROTOCOL_VERSIONS, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { ServerStartError } from '../errors.ts'
import type { ClientSide, Session } from '../session.ts'
import { lastWords } from '../transports/exit-reason.ts'
import type { Opening, Transport } from '../transports/transport.ts'
import { initialize, legacySession } from './legacy.ts'
import { discover, modernSession } from './modern.ts'
import { createPipe, type Pipe } from './pipe.ts'
import { afterDiscover, afterInitialize, type Evidence, type Facts, firstStep, type Ours, type Step } from './probe.ts'
import type { Verdicts } from './verdicts.ts'

/** What is shown of a line that is no message, in UTF-16 units. */
const EXCERPT_LENGTH = 80

export interface NegotiateOptions {
  ours: Ours
  side: ClientSide
  peer: PeerOptions
  /** Milliseconds `server/discover` may take where silence tells an older server. */
  probeTimeoutMs: number
  verdicts: Verdicts
  /** What is known of the server from before. */
  prior: Prior | undefined
  /** Gives the connecting up. */
  signal: AbortSignal
}

/**
 * The revisions a pin leaves.
 * @throws {NegotiationError} when it names a version this library does not speak
 */
export function oursFor(pin: Era | (string & {}) | undefined): Ours {
  if (pin === undefined) return { stateless: statelessRevisions, handshake: handshakeRevisions }
  if (pin === 'modern') return { stateless: statelessRevisions, handshake: [] }
  if (pin === 'legacy') return { stateless: [], handshake: handshakeRevisions }
  const stateless = statelessRevisions.filter((revision) => revision.version === pin)
  const handshake = handshakeRevisions.filter((revision) => revision.version === pin)
  if (stateless.length + handshake.length > 0) return { stateless, handshake }
  const spoken = PROTOCOL_VERSIONS.join(', ')
  throw new NegotiationError(
    `the version ${pin} was pinned and only ${spoken} are spoken`,
    PROTOCOL_VERSIONS,
    undefined,
  )
}

/**
 * Opens the transport and a conversation over it, finding out which era the server speaks: one connection, except where
 * a server ends on being asked. Never two opening requests at a time, as a pipelined handshake would drag a server that
 * speaks both into the older era.
 * @throws {NegotiationError} | {@link ServerStartError} | {@link RpcError} | {@link ConnectionError}
 * @throws the signal's reason
 */
export async function negotiate(transport: Transport, options: NegotiateOptions): Promise<Session> {
  const { ours, side, verdicts, signal } = options
  const taken = { discover: 0, initialize: 0, oldest: 0, reopen: 0 }
  let unanswered = false
  let rubbish: Stray | undefined
  const onStray = (stray: Stray): void => {
    if (stray.kind === 'unreadable') rubbish ??= stray
    options.peer.onStray?.(stray)
  }

  let renewed: (() => void) | undefined
  const warn = (message: string): void => side.stray({ kind: 'invalid', message })
  const open = async (opening: Opening): Promise<Pipe> => {
    const channel = await transport.open({
      signal,
      opening,
      warn,
      renewed: () => renewed?.(),
      missed: () => side.missed(),
    })
    return createPipe(channel, side.hear, { ...options.peer, onStray })
  }
  /** The channel for the next step: another one where the transport has several, and only then. */
  const turnTo = async (opening: Opening): Promise<void> => {
    if (transport.openings === undefined || opened === opening) return
    opened = opening
    await pipe.peer[Symbol.asyncDispose]()
    pipe = await open(opening)
  }
  const factsOf = (asked: Facts['asked'], evidence: Evidence): Facts => {
    const { silenceIsEvidence, openings } = transport
    const reachesOldest = openings?.includes('oldest') === true
    return { ours, asked, evidence, silenceIsEvidence, reachesOldest, taken, unanswered }
  }
  const known = transport.openings?.length === 1 ? transport.openings[0] : verdicts.opening(transport.identity)
  /** Whether this way was only taken because it was remembered. */
  let isRemembered = known !== undefined && transport.openings?.length !== 1
  const byVerdict = (): boolean => {
    const was = isRemembered
    isRemembered = false
    return was
  }
  // without a handshake to fall back to, silence is no evidence and patience costs nothing
  const patienceMs =
    ours.handshake.length > 0 && transport.silenceIsEvidence ? options.probeTimeoutMs : Number.POSITIVE_INFINITY

  let step: Step = priorStep(ours, options.prior) ?? firstStep(ours, verdicts.endsOnProbe(transport.identity), known)
  let opened = openingFor(step)
  let pipe = await open(opened)
  try {
    for (;;) {
      switch (step.kind) {
        case 'discover': {
          taken.discover++
          await turnTo('stateless')
          const asked = step.revision
          const answer = discover(pipe, side, asked, { timeoutMs: patienceMs, signal })
          const evidence = await evidenceOf(answer, signal)
          if (evidence.kind === 'silence') unanswered = true
          step = afterDiscover(factsOf(asked, evidence))
          break
        }
        case 'initialize': {
          taken.initialize++
          await turnTo('handshake')
          const asked = step.revision
          step = afterInitialize(factsOf(asked, await evidenceOf(initialize(pipe, side, asked, signal), signal)))
          break
        }
        case 'reopen':
          taken.reopen++
          await pipe.peer[Symbol.asyncDispose]()
          pipe = await open('handshake')
          step = { kind: 'initialize', revision: step.revision }
          break
        case 'oldest': {
          taken.oldest++
          await turnTo('oldest')
          const asked = step.revision
          step = afterInitialize(factsOf(asked, await evidenceOf(initialize(pipe, side, asked, signal), signal)))
          break
        }
        case 'modern':
          await turnTo('stateless')
          verdicts.forget(transport.identity)
          return modernSession(pipe, side, step.greeting)
        case 'legacy': {
          if (taken.reopen > 0) verdicts.remember(transport.identity)
          // a pin that leaves the newer way out says nothing of the server
          if (transport.openings !== undefined && ours.stateless.length > 0) {
            verdicts.rememberOpening(transport.identity, opened)
          }
          const session = await legacySession(pipe, side, step.greeting, signal)
          renewed = () => session.renewed?.()
          return session
        }
        case 'dead':
          throw await startError(transport, pipe, step.error)
        case 'fail':
          // what was remembered may be out of date, and is then found out anew
          if (byVerdict()) {
            verdicts.forget(transport.identity)
            step = firstStep(ours, false)
            break
          }
          throw step.error instanceof RpcError ? refusal(transport, step.error) : step.error
        default:
          step satisfies never
      }
    }
  } catch (error) {
    await pipe.peer[Symbol.asyncDispose]()
    throw isUnexplained(error) ? explained(error, await pipe.peer.closed, rubbish) : error
  }
}

/** What a server said of itself before: enough to call it without asking again, where its requests stand alone. */
export interface Prior {
  readonly version: string
  readonly capabilities: ServerCapabilities
  readonly server?: Implementation | undefined
  readonly instructions?: string | undefined
}

function priorStep(ours: Ours, prior: Prior | undefined): Step | undefined {
  const revision = ours.stateless.find(({ version }) => version === prior?.version)
  if (prior === undefined || revision === undefined) return undefined
  const { capabilities, server: serverInfo, instructions } = prior
  return { kind: 'modern', greeting: { revision, capabilities, serverInfo, instructions } }
}

function openingFor(step: Step): Opening {
  switch (step.kind) {
    case 'discover':
    case 'modern':
      return 'stateless'
    case 'oldest':
      return 'oldest'
    default:
      return 'handshake'
  }
}

async function evidenceOf(answer: Promise<JsonObject>, signal: AbortSignal): Promise<Evidence> {
  try {
    return { kind: 'result', result: await answer }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RpcError) return { kind: 'error', error }
    if (!(error instanceof ConnectionError)) throw error
    switch (error.code) {
      case 'closed':
        return { kind: 'ended', error }
      case 'timeout':
      case 'total_timeout':
        return { kind: 'silence', error }
      case 'unanswerable':
      case 'too_large':
        return { kind: 'nonsense', error }
      case 'http_status':
        return { kind: 'refused', status: error.status ?? 0, error }
      case 'unreachable':
      case 'dropped':
      case 'open_limit':
        return { kind: 'outage', error }
      case 'unserialisable':
        throw error
      default:
        return error.code satisfies never
    }
  }
}

/** What a server answers to an opening request says nothing of who it is. */
function refusal(transport: Transport, cause: RpcError): RpcError {
  return new RpcError(cause.code, `${transport.name} refused to talk: ${cause.message}`, cause.data, { cause })
}

/** Whether the time to connect was up. A call that timed out names its method. */
function isUnexplained(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError && error.code === 'timeout' && error.method === undefined
}

/** Why a server keeps silent is found in what it said in other places. */
function explained(cause: ConnectionError, reason: CloseReason, rubbish: Stray | undefined): ConnectionError {
  const words = [cause.message]
  const shown = rubbish?.excerpt?.slice(0, EXCERPT_LENGTH)
  if (shown !== undefined) words.push(`it wrote to stdout what is no message: ${JSON.stringify(shown)}`)
  const last = lastWords(reason.stderrTail ?? [])
  if (last !== undefined) words.push(`last stderr: ${last}`)
  return new ConnectionError(cause.code, words.join('; '), { reason, cause })
}

/** The end of the reading side may precede what is known of the process, so the evidence is read when all is over. */
async function startError(transport: Transport, pipe: Pipe, cause: ConnectionError): Promise<ServerStartError> {
  await pipe.peer[Symbol.asyncDispose]()
  const last: CloseReason = await pipe.peer.closed
  const first = cause.reason ?? last
  return new ServerStartError(`${transport.name} ended before the conversation was open: ${first.message}`, {
    transport: transport.name,
    exitCode: last.exitCode ?? first.exitCode,
    signal: last.signal ?? first.signal,
    stderrTail: last.stderrTail ?? first.stderrTail,
    cause,
  })
}
