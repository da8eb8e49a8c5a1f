import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

const ACTIONS: readonly unknown[] = ['accept', 'decline', 'cancel']

/** Whether a result has the shape of an answer to a question of this method. */
export function isAnswerTo(method: string, result: JsonObject): boolean {
  switch (method) {
    case 'elicitation/create':
      return ACTIONS.includes(result.action) && (result.content === undefined || isJsonObject(result.content))
    case 'sampling/createMessage':
      return typeof result.role === 'string' && typeof result.content === 'object' && result.content !== null
    case 'roots/list':
      return (
        Array.isArray(result.roots) && result.roots.every((root) => isJsonObject(root) && typeof root.uri === 'string')
      )
    default:
      return false
  }
}
