import type { JsonObject } from '@bao-mcp/protocol/engine'

/**
 * Gives back what will be listed, unless it cannot be written as JSON: one such thing would hide all the others.
 * @throws {TypeError} that names `what`
 */
export function mustBeJson<T extends JsonObject>(listed: T, what: string): T {
  try {
    JSON.stringify(listed)
    return listed
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`${what}: what is listed of it cannot be written as JSON (${reason})`, { cause })
  }
}
