import {
  checkParamHeaders,
  HEADER_MISMATCH,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  META,
  RpcError,
  shown,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import { isKnownMethod, unknownMethod } from '../../dispatch.ts'
import { HttpFault } from '../../http/fault.ts'
import type { Server } from '../../server.ts'
import { revisionNamed, revisionOf } from './stateless.ts'

const VERSION_HEADER = 'MCP-Protocol-Version'
/** What a request without readable metadata is answered with. */
const MALFORMED = 400

/**
 * The rungs a request climbs before it is served: its metadata, then the headers that repeat its body, then its method,
 * then the headers that repeat its arguments.
 * @throws {RpcError} the first refusal, with the status it has over HTTP
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#server-validation
 */
export function admit(server: Server, request: JsonRpcRequest, headers: Headers): RequestFacts {
  const { method, params } = request
  const facts = factsOf(params, headers)
  const { revision } = facts
  mustRepeatVersion(revision.version, headers)
  revision.http.checkHeaders(request, headers, server.extensions.nameParams)
  if (!isKnownMethod(server, method, revision)) throw unknownMethod(method, revision.version)
  if (method === 'tools/call') checkArguments(server, request, headers)
  return facts
}

/** Malformed metadata has the code of other malformed params, and a status of its own. */
function factsOf(params: JsonObject | undefined, headers: Headers): RequestFacts {
  const meta = params?._meta
  const requested = isJsonObject(meta) ? meta[META.protocolVersion] : undefined
  if (requested === undefined) {
    // a version that is not served may have its metadata anywhere
    const sent = headers.get(VERSION_HEADER)
    if (sent !== null) revisionNamed(sent)
  }
  try {
    return revisionOf(params).lift(params, undefined)
  } catch (refusal) {
    if (!(refusal instanceof RpcError)) throw refusal
    if (refusal.code === UNSUPPORTED_PROTOCOL_VERSION && typeof requested === 'string') {
      // that the two places disagree comes before what they say
      mustRepeatVersion(requested, headers)
    }
    throw new HttpFault(MALFORMED, refusal.code, refusal.message, { data: refusal.data })
  }
}

/** "Servers MUST reject requests whose header does not match the version in the body." */
function mustRepeatVersion(requested: string, headers: Headers): void {
  const sent = headers.get(VERSION_HEADER)
  if (sent === requested) return
  const got = sent === null ? 'it is missing' : `got ${shown(sent)}`
  throw new RpcError(
    HEADER_MISMATCH,
    `the ${VERSION_HEADER} header must repeat params._meta["${META.protocolVersion}"], ${shown(requested)}: ${got}`,
  )
}

function checkArguments(server: Server, { params }: JsonRpcRequest, headers: Headers): void {
  const name = params?.name
  const tool = typeof name === 'string' ? server.tools.get(name) : undefined
  if (tool === undefined || tool.paramHeaders.length === 0) return
  const given = params?.arguments
  checkParamHeaders(tool.paramHeaders, isJsonObject(given) ? given : {}, headers)
}
