import { isJsonObject, type JsonRpcRequest, META } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'

/** What the way a message came tells about its era. */
export interface PipeEvidence {
  /** A handshake was asked for on this pipe. */
  readonly opened: boolean
}

/**
 * Chooses the era of one request; the first row that matches wins. Nothing pins a process to an era, so both may be spoken
 * on one pipe at once. Undefined means that nothing tells, which is answered with the versions there are.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
export function selectEra({ method, params }: JsonRpcRequest, evidence: PipeEvidence): Era | undefined {
  const meta = params?._meta
  // "a request that carries a protocol version in its metadata is served statelessly", initialize included
  if (isJsonObject(meta) && META.protocolVersion in meta) return 'modern'
  if (method === 'initialize') return 'legacy'
  if (evidence.opened || method === 'ping') return 'legacy'
  return undefined
}
