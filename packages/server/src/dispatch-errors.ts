import { type MaybePromise, RpcError } from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { isThenable } from './then.ts'

/** A failure inside, for an error with a code that stands for something else. */
export function refusedCode(thrown: RpcError): TypeError {
  return new TypeError(`${thrown.code} has a meaning of its own here, and nobody is answered with it for another`, {
    cause: thrown,
  })
}

/** Runs what an author wrote, in this tick when it ends in it. @throws what may be told of its failure */
export function admitting<T>(revision: Revision, run: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const value = run()
    if (!isThenable(value)) return value
    return Promise.resolve(value).catch((thrown: unknown) => {
      throw admitted(thrown, revision)
    })
  } catch (thrown) {
    throw admitted(thrown, revision)
  }
}

/**
 * What may be told of a failure: the failure itself, or where the revision keeps its code for something else one that is
 * told nobody, as any other failure inside.
 */
function admitted(thrown: unknown, revision: Revision): unknown {
  if (!(thrown instanceof RpcError) || revision.admitsError(thrown)) return thrown
  return refusedCode(thrown)
}
