import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** A lowered schema with its types as Gemini documents them: `STRING`, `OBJECT` and so on. */
export function upperCaseTypes(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'type' && typeof value === 'string') return [keyword, value.toUpperCase()]
      if (keyword === 'items' && isJsonObject(value)) return [keyword, upperCaseTypes(value)]
      if (keyword === 'anyOf' && Array.isArray(value)) {
        return [keyword, value.map((branch) => (isJsonObject(branch) ? upperCaseTypes(branch) : branch))]
      }
      if (keyword === 'properties' && isJsonObject(value)) {
        const members = Object.entries(value).map(([key, one]) => [key, isJsonObject(one) ? upperCaseTypes(one) : one])
        return [keyword, Object.fromEntries(members)]
      }
      return [keyword, value]
    }),
  )
}
