import { isJsonObject, type JsonObject, META } from '@bao-mcp/protocol/engine'
import { type Era, handshakeRevisions, statelessRevisions } from '@bao-mcp/protocol/revisions'

/** What the way a message came tells about its era. */
export interface Evidence {
  /** It belongs to a conversation: a handshake was asked for on this pipe, or it names a session, live or dead. */
  readonly opened: boolean
  /** The version its HTTP header names, where it has one. */
  readonly version?: string | null
}

/**
 * Chooses the era of one message; the first row that matches wins. Nothing pins a process to an era, so both may be spoken
 * on one pipe at once. Undefined means that nothing tells, which is answered with the versions there are.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
export function selectEra(
  { method, params }: { method: string; params?: JsonObject },
  { opened, version }: Evidence,
): Era | undefined {
  const meta = params?._meta
  // "a request that carries a protocol version in its metadata is served statelessly", initialize included
  if (isJsonObject(meta) && META.protocolVersion in meta) return 'modern'
  if (method === 'initialize') return 'legacy'
  const isNamed = version !== undefined && version !== null
  // a version this server does not know is newer than the handshake, and is told so; no session is known there
  if (isNamed && !isHandshakeVersion(version)) return 'modern'
  return isNamed || opened || method === 'ping' ? 'legacy' : undefined
}

export function isHandshakeVersion(version: string): boolean {
  return handshakeRevisions.some((revision) => revision.version === version)
}

/** True for a version in which every request stands alone. */
export function isStatelessVersion(version: string): boolean {
  return statelessRevisions.some((revision) => revision.version === version)
}
