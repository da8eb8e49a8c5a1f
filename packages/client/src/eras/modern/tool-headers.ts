import {
  isJsonObject,
  type JsonObject,
  type ParamHeader,
  paramHeadersOf,
  paramHeaderValues,
} from '@bao-mcp/protocol/engine'
import { type HeaderMap, NO_HEADERS } from '../../http/headers.ts'

/** The headers that repeat arguments of calls, as the tools that were listed last want them. */
export interface ToolHeaders {
  /**
   * Learns from a page of `tools/list`, and leaves out of it the tools whose annotations break the rules: "clients MUST
   * exclude the tool from the result".
   */
  learn(result: JsonObject): JsonObject
  /** The headers for the params of a `tools/call`; `NO_HEADERS` for a tool that has none, or was not listed yet. */
  headersFor(params: JsonObject | undefined): HeaderMap
}

/**
 * @param warn told the name of each tool that is left out, and why
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#custom-headers-from-tool-parameters
 */
export function createToolHeaders(warn: (message: string) => void): ToolHeaders {
  const known = new Map<string, readonly ParamHeader[]>()

  function isUsable(tool: unknown): boolean {
    if (!isJsonObject(tool) || typeof tool.name !== 'string' || !isJsonObject(tool.inputSchema)) return true
    const { headers, faults } = paramHeadersOf(tool.inputSchema)
    if (faults.length > 0) {
      known.delete(tool.name)
      warn(`the tool ${JSON.stringify(tool.name)} is left out: ${faults.join('; ')}`)
      return false
    }
    if (headers.length > 0) known.set(tool.name, headers)
    else known.delete(tool.name)
    return true
  }

  return {
    learn(result) {
      const { tools } = result
      if (!Array.isArray(tools)) return result
      const usable = tools.filter(isUsable)
      return usable.length === tools.length ? result : { ...result, tools: usable }
    },
    headersFor(params) {
      const name = params?.name
      const headers = typeof name === 'string' ? known.get(name) : undefined
      if (headers === undefined) return NO_HEADERS
      const given = params?.arguments
      return paramHeaderValues(headers, isJsonObject(given) ? given : undefined)
    },
  }
}
