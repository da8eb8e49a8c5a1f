import type { JsonObject } from '@bao-mcp/protocol/engine'

export function schemaChecker(_schema: JsonObject, _method: string): (value: unknown) => readonly string[] {
  return () => []
}
