import type { CompleteResult, GetPromptResult, ReadResourceResult } from '@bao-mcp/protocol'
import { InvalidResultError, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** @throws {InvalidResultError} when the result is none of `resources/read` */
export function readContents(result: JsonObject): ReadResourceResult {
  checkEach('resources/read', result, 'contents', (one) => {
    return typeof one.uri === 'string' && (typeof one.text === 'string' || typeof one.blob === 'string')
  })
  // proof: the members that are required were just checked
  return result as unknown as ReadResourceResult
}

/** @throws {InvalidResultError} when the result is none of `prompts/get` */
export function readPrompt(result: JsonObject): GetPromptResult {
  checkEach('prompts/get', result, 'messages', ({ role, content }) => {
    return typeof role === 'string' && isJsonObject(content) && typeof content.type === 'string'
  })
  // proof: as above
  return result as unknown as GetPromptResult
}

/** @throws {InvalidResultError} when the result is none of `completion/complete` */
export function readCompletion({ completion }: JsonObject): CompleteResult['completion'] {
  const method = 'completion/complete'
  if (!isJsonObject(completion)) throw new InvalidResultError(method, 'its completion must be an object')
  const { values } = completion
  if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) {
    throw new InvalidResultError(method, 'its completion.values must be an array of strings')
  }
  // proof: as above
  return completion as CompleteResult['completion']
}

function checkEach(method: string, result: JsonObject, member: string, fits: (one: JsonObject) => boolean): void {
  const all = result[member]
  if (!Array.isArray(all)) throw new InvalidResultError(method, `its ${member} must be an array`)
  const stranger = all.findIndex((one) => !isJsonObject(one) || !fits(one))
  if (stranger >= 0) {
    throw new InvalidResultError(method, `what stands at ${member}[${stranger}] does not belong there`)
  }
}
