import { INVALID_PARAMS } from '../../jsonrpc/errors.ts'
import { MISSING_CLIENT_CAPABILITY } from '../../names.ts'
import type { ErrorKind, Revision } from '../revision.ts'
import { attach, lift, resume, round } from './envelope.ts'
import { httpOf } from './http.ts'
import { inputs, notices, requests } from './methods.ts'
import { decode, encode } from './results.ts'

const VERSION = '2026-07-28'
/** What a missing resource was before. */
const OLD_RESOURCE_NOT_FOUND = -32002

const ERROR_CODES: Readonly<Record<ErrorKind, number>> = {
  resource_not_found: INVALID_PARAMS,
  missing_client_capability: MISSING_CLIENT_CAPABILITY,
}

/** The first revision without a handshake. @see https://modelcontextprotocol.io/specification/2026-07-28 */
export const revision20260728: Revision = {
  version: VERSION,
  requests,
  notices,
  inputs,
  batches: false,
  attach: (params, identity) => attach(VERSION, params, identity),
  lift: (params) => lift(revision20260728, params),
  encode,
  encodeTool: (tool) => tool,
  encodeResource: (resource) => resource,
  encodePrompt: (prompt) => prompt,
  encodeInput: (request) => request,
  encodeAnswer: (_method, result) => result,
  decode,
  resume,
  round,
  errorCode: (kind) => ERROR_CODES[kind],
  // "Implementations MUST NOT emit undefined codes in the range", nor those of earlier revisions
  admitsError: ({ code }) =>
    code === MISSING_CLIENT_CAPABILITY || (code !== OLD_RESOURCE_NOT_FOUND && (code < -32099 || code > -32020)),
  resultTypes: true,
  http: httpOf(VERSION),
}
