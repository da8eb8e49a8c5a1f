import type { JsonObject, MaybePromise } from '@bao-mcp/protocol/engine'

/** What one round of a request leaves for the next. Everything in it is JSON. */
export interface RoundMemory {
  /** Answers of earlier rounds by key, each bound to the question it answers. */
  answers: { [key: string]: { digest: string; result: JsonObject } }
  /** Questions of the last round that are still open. */
  asked: { [key: string]: { method: string; digest: string } }
  /** What `call.once` has computed, each as a JSON text; undefined where the function gave nothing. */
  once: { [key: string]: { text?: string } }
  /** Progress last reported, so that a rerun does not report it again. */
  progress: number | undefined
  /** Log lines sent so far, likewise. */
  logLines: number
  /** What the handler itself put away with `inputRequired`. */
  own: string | undefined
}

/** Keeps the memory between two rounds of one request, wherever that is. */
export interface MemoryKeeper {
  /** @returns the text that brings the memory back */
  save(memory: RoundMemory): MaybePromise<string>
  /**
   * @param singleUse true refuses a text that was loaded before
   * @throws {RpcError} -32602 when the text is not one that was given out for this very request, or is too old
   */
  load(state: string, singleUse: boolean): MaybePromise<RoundMemory>
}

export function emptyMemory(): RoundMemory {
  return { answers: {}, asked: {}, once: {}, progress: undefined, logLines: 0, own: undefined }
}

/**
 * A keeper for rounds that never leave the process: a slot per request.
 * @param kept what the request remembers already
 */
export function localKeeper(kept?: RoundMemory): MemoryKeeper {
  return {
    save(memory) {
      kept = memory
      return ''
    },
    load: () => kept ?? emptyMemory(),
  }
}
