import type { Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import { InvalidResultError, isJsonObject, type JsonObject, META } from '@bao-mcp/protocol/engine'
import type { Greeting } from '../session.ts'

/** A greeting before its revision is settled. */
export interface Read {
  /** The versions the server offers; one in a handshake. */
  versions: readonly string[]
  said: Omit<Greeting, 'revision'>
}

/**
 * Reads the answer of `server/discover`; undefined when the result is none, as when an old server answers everything
 * with an empty result.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover
 */
export function readDiscovered(result: JsonObject): Read | undefined {
  const { resultType, supportedVersions, capabilities, instructions, _meta: meta } = result
  if (resultType !== undefined && resultType !== 'complete') return undefined
  if (!isStrings(supportedVersions) || !isJsonObject(capabilities)) return undefined
  return {
    versions: supportedVersions,
    said: saidOf(capabilities, isJsonObject(meta) ? meta[META.serverInfo] : undefined, instructions),
  }
}

/**
 * Reads the answer of `initialize`; undefined when the result is none.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */
export function readInitialized(result: JsonObject): Read | undefined {
  const { protocolVersion, capabilities, serverInfo, instructions } = result
  if (typeof protocolVersion !== 'string' || !isJsonObject(capabilities)) return undefined
  return { versions: [protocolVersion], said: saidOf(capabilities, serverInfo, instructions) }
}

/** What a server says of itself. */
export interface ServerFacts extends Omit<Greeting, 'revision' | 'serverInfo'> {
  /** The versions it speaks. */
  readonly versions: readonly string[]
  /** Who it says it is, for display only. */
  readonly server: Implementation | undefined
}

/** @throws {InvalidResultError} when the result is none of `server/discover` */
export function readServerFacts(result: JsonObject): ServerFacts {
  const read = readDiscovered(result)
  if (read === undefined) {
    throw new InvalidResultError('server/discover', 'it needs supportedVersions and capabilities')
  }
  const { capabilities, instructions, serverInfo: server } = read.said
  return { versions: read.versions, capabilities, instructions, server }
}

/** The versions an error names in its data; undefined when it names none. */
export function readSupported(data: unknown): readonly string[] | undefined {
  return isJsonObject(data) && isStrings(data.supported) ? data.supported : undefined
}

function saidOf(capabilities: JsonObject, serverInfo: unknown, instructions: unknown): Read['said'] {
  return {
    // proof: an object, and every reader of a capability checks the member it looks for
    capabilities: capabilities as ServerCapabilities,
    // a name is for display: a server is not refused for a malformed one
    serverInfo: isImplementation(serverInfo) ? serverInfo : undefined,
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}

function isImplementation(value: unknown): value is Implementation {
  return isJsonObject(value) && typeof value.name === 'string' && typeof value.version === 'string'
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
