import type { Conventions } from './jsonrpc/conventions.ts'
import { isJsonObject, isRequestId, type JsonObject, type Notice, type RequestId } from './jsonrpc/message.ts'
import { CANCELLED, META, PROGRESS } from './names.ts'

/** Requests that may take long enough to report progress. */
const REPORT_PROGRESS: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'sampling/createMessage',
  'elicitation/create',
])

/**
 * How MCP cancels calls and labels notices on a pipe. The progress token of a call is its request id, which is unique
 * among the active requests and needs no table of its own; it is always sent, so that progress can restart a timeout
 * even where nobody displays it.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress
 */
export const mcpConventions: Conventions = {
  cancelNotice: (id, reason) => ({ method: CANCELLED, params: { requestId: id, reason } }),
  cancelledCall(notice) {
    if (notice.method !== CANCELLED) return undefined
    const id = notice.params?.requestId
    return isRequestId(id) ? id : undefined
  },
  cancelReason(notice) {
    const reason = notice.params?.reason
    return typeof reason === 'string' ? reason : 'cancelled by the other side'
  },
  mark(method, params, id) {
    if (!REPORT_PROGRESS.has(method)) return params
    const meta = params?._meta
    return { ...params, _meta: isJsonObject(meta) ? { ...meta, progressToken: id } : { progressToken: id } }
  },
  callOf(notice) {
    if (notice.method === PROGRESS) {
      const token = notice.params?.progressToken
      return isRequestId(token) ? token : undefined
    }
    return subscriptionOf(notice)
  },
}

function subscriptionOf(notice: Notice): RequestId | undefined {
  const meta: unknown = notice.params?._meta
  const id = isJsonObject(meta) ? (meta satisfies JsonObject)[META.subscriptionId] : undefined
  return isRequestId(id) ? id : undefined
}
