import { type JsonObject, type Outcome, SerialisedResult } from '@bao-mcp/protocol/engine'
import type { Revision, ServerIdentity } from '@bao-mcp/protocol/revisions'

/** Turns outcomes into the result objects of a revision. */
export type Encode = (method: string, outcome: Outcome, revision: Revision) => JsonObject

/**
 * @param keepsText true keeps the JSON text of stable outcomes, so that a list is serialised once per change; false where
 *   somebody wants to look at results on their way out
 */
export function createEncode(identity: ServerIdentity, keepsText: boolean): Encode {
  // a stable value belongs to one revision, so the value alone is the key
  const texts = new WeakMap<JsonObject, SerialisedResult>()
  return (method, outcome, revision) => {
    if (!keepsText || outcome.kind !== 'complete' || outcome.stable !== true) {
      return revision.encode(method, outcome, identity)
    }
    let text = texts.get(outcome.value)
    if (text === undefined) {
      text = new SerialisedResult(JSON.stringify(revision.encode(method, outcome, identity)))
      texts.set(outcome.value, text)
    }
    return text
  }
}
