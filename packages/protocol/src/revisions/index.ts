import { handshakeRevisions } from './2025-11-25/index.ts'
import { revision20260728 } from './2026-07-28/index.ts'
import type { Revision } from './revision.ts'

export type {
  ClientIdentity,
  Direction,
  ErrorKind,
  HttpBinding,
  MethodRow,
  MethodTable,
  NoticeTable,
  RequestFacts,
  Revision,
  ServerIdentity,
} from './revision.ts'
export { handshakeRevisions }

/** The revisions whose requests stand alone, newest first. */
export const statelessRevisions: readonly Revision[] = [revision20260728]

/** Every protocol version, newest first. */
export const PROTOCOL_VERSIONS: readonly string[] = [...statelessRevisions, ...handshakeRevisions].map((r) => r.version)

/** The way a conversation runs: `legacy` opens with a handshake, `modern` says everything with each request. */
export type Era = 'legacy' | 'modern'
