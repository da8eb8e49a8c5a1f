import {
  type CacheHint,
  complete,
  INVALID_PARAMS,
  type MaybePromise,
  type Outcome,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import type { CallContext } from '../context.ts'
import type { ServedRequest } from '../dispatch.ts'
import { readResult } from './read-result.ts'
import type { ResourceRegistry } from './resources.ts'
import { type HandlerKind, runHandler, throwInternal } from './run-handler.ts'
import { listIssues } from './validate.ts'

/** What one URI is read by. */
export interface Reading {
  /** The URI as it was asked for. */
  readonly name: string
  readonly mimeType: string | undefined
  readonly cache: CacheHint | undefined
  read(call: CallContext): unknown
}

const RESOURCE: HandlerKind<Reading> = {
  noun: 'resource',
  check: (_reading, given) => ({ ok: true, value: given }),
  refuse: ({ name }, issues) => throwInternal(`${name}: ${listIssues(issues)}`),
  invoke: (reading, _args, call) => reading.read(call),
  conclude({ name, mimeType, cache }, value, { facts, round }) {
    const result = readResult(value, name, mimeType)
    if (result === undefined) throw notFound(name, facts.revision.errorCode('resource_not_found'))
    // what somebody's answers went into is for nobody else
    return { ...complete(result), ...(cache !== undefined && round === undefined && { cache }) }
  },
  tell: throwInternal,
}

/**
 * Answers `resources/read`, in this tick when the resource does.
 * @throws {RpcError} for a resource that is not there, with its URI; -32602 for malformed params; -32603 when reading fails
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#error-handling
 */
export function readResource(resources: ResourceRegistry, request: ServedRequest): MaybePromise<Outcome> {
  const uri = request.params?.uri
  if (typeof uri !== 'string') throw new RpcError(INVALID_PARAMS, 'params.uri must be the URI of a resource')
  const reading = resources.reading(uri)
  if (reading === undefined) throw notFound(uri, request.facts.revision.errorCode('resource_not_found'))
  return runHandler(RESOURCE, reading, undefined, request)
}

function notFound(uri: string, code: number = INVALID_PARAMS): RpcError {
  return new RpcError(code, `resource not found: ${shown(uri)}`, { uri })
}
