import { type Extended, type JsonObject, type Outcome, SerialisedResult } from '@bao-mcp/protocol/engine'
import type { Revision, ServerIdentity } from '@bao-mcp/protocol/revisions'

/** Turns outcomes into the result objects of a revision. */
export type Encode = (method: string, outcome: Outcome | Extended, revision: Revision) => JsonObject

/**
 * The JSON text of stable outcomes is kept, so that a list is serialised once per change.
 * @param sendsText false where somebody may look at results on their way out, and change them: each result is then a copy
 */
export function createEncode(identity: ServerIdentity, sendsText: boolean): Encode {
  // a stable value belongs to one revision, so the value alone is the key
  const texts = new WeakMap<JsonObject, SerialisedResult>()
  return (method, outcome, revision) => {
    if (outcome.kind !== 'complete' || outcome.stable !== true) {
      return revision.encode(method, outcome, identity, outcome.kind === 'complete' ? outcome.cache : undefined)
    }
    let text = texts.get(outcome.value)
    if (text === undefined) {
      text = new SerialisedResult(JSON.stringify(revision.encode(method, outcome, identity, outcome.cache)))
      texts.set(outcome.value, text)
    }
    // proof: it is the text of a result object
    return sendsText ? text : (JSON.parse(text.text) as JsonObject)
  }
}
