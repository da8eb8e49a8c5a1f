import { INVALID_PARAMS, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject, isRequestId, type JsonObject } from '../../jsonrpc/message.ts'
import { isLogLevel, META } from '../../names.ts'
import { isInputResponses, type Round } from '../../outcome.ts'
import type { Implementation } from '../../shapes/base.ts'
import type { ClientCapabilities } from '../../shapes/capabilities.ts'
import type { ClientIdentity, RequestFacts, Revision } from '../revision.ts'

/**
 * "A request without the required metadata is malformed": version and capabilities come with every request.
 * @throws {RpcError} -32602 naming the member
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta
 */
export function lift(revision: Revision, params: JsonObject | undefined): RequestFacts {
  const meta = params?._meta
  if (!isJsonObject(meta)) throw new RpcError(INVALID_PARAMS, 'params._meta is missing: every request carries it')
  if (typeof meta[META.protocolVersion] !== 'string') throw malformed(META.protocolVersion, 'a version string')
  const capabilities = meta[META.clientCapabilities]
  if (!isJsonObject(capabilities)) throw malformed(META.clientCapabilities, 'an object, empty when there are none')
  const info = meta[META.clientInfo]
  if (info !== undefined && !isImplementation(info)) throw malformed(META.clientInfo, 'an object with name and version')
  const logLevel = meta[META.logLevel]
  if (logLevel !== undefined && !isLogLevel(logLevel)) throw malformed(META.logLevel, 'a log level')
  const progressToken = meta[META.progressToken]
  if (progressToken !== undefined && !isRequestId(progressToken))
    throw malformed('progressToken', 'a string or an integer')
  return {
    revision,
    // proof: an object, and every reader of a capability checks the member it looks for
    clientCapabilities: capabilities as ClientCapabilities,
    clientInfo: info,
    logLevel,
    progressToken,
  }
}

function malformed(key: string, expected: string): RpcError {
  return new RpcError(INVALID_PARAMS, `params._meta["${key}"] must be ${expected}`)
}

function isImplementation(value: unknown): value is Implementation {
  return isJsonObject(value) && typeof value.name === 'string' && typeof value.version === 'string'
}

/** Adds what every request says of its sender; the identity's part is built once and shared by all its requests. */
export function attach(version: string, params: JsonObject | undefined, identity: ClientIdentity): JsonObject {
  const envelope = envelopeOf(version, identity)
  const meta = params?._meta
  return { ...params, _meta: isJsonObject(meta) ? { ...meta, ...envelope } : envelope }
}

const envelopes = new WeakMap<ClientIdentity, JsonObject>()

function envelopeOf(version: string, identity: ClientIdentity): JsonObject {
  let envelope = envelopes.get(identity)
  if (envelope === undefined) {
    envelope = {
      [META.protocolVersion]: version,
      [META.clientCapabilities]: identity.capabilities,
      [META.clientInfo]: identity.info,
      ...(identity.logLevel !== undefined && { [META.logLevel]: identity.logLevel }),
    }
    envelopes.set(identity, envelope)
  }
  return envelope
}

/** "The client retries the same request with `inputResponses` and, if it was given one, the exact `requestState`." */
export function resume(params: JsonObject | undefined, { responses, state }: Round): JsonObject {
  const { requestState: _stale, ...rest } = params ?? {}
  return { ...rest, inputResponses: responses, ...(state !== undefined && { requestState: state }) }
}

/** @throws {RpcError} -32602 when what came back has another structure */
export function round(params: JsonObject | undefined): Round | undefined {
  const responses = params?.inputResponses
  const state = params?.requestState
  if (responses === undefined && state === undefined) return undefined
  if (responses !== undefined && !isInputResponses(responses)) {
    throw new RpcError(INVALID_PARAMS, 'params.inputResponses must be an object of result objects')
  }
  if (state !== undefined && typeof state !== 'string') {
    throw new RpcError(INVALID_PARAMS, 'params.requestState must be the string that was given')
  }
  return { responses: responses ?? {}, state }
}
