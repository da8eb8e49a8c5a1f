import { INVALID_PARAMS } from '../../jsonrpc/errors.ts'
import type { Revision } from '../revision.ts'
import { attach, lift, resume, round } from './envelope.ts'
import { notices, requests } from './methods.ts'
import { decode, encode } from './results.ts'

const VERSION = '2026-07-28'

/** The first revision without a handshake. @see https://modelcontextprotocol.io/specification/2026-07-28 */
export const revision20260728: Revision = {
  version: VERSION,
  requests,
  notices,
  batches: false,
  attach: (params, identity) => attach(VERSION, params, identity),
  lift: (params) => lift(revision20260728, params),
  encode,
  encodeTool: (tool) => tool,
  decode,
  resume,
  round,
  errorCode: () => INVALID_PARAMS,
}
