import { type InputRequests, type InputResponses, InputRoundsError } from '@bao-mcp/protocol/engine'
import type { Conversation } from '../extension.ts'

/** The questions of one task. */
export interface Questions {
  /** Has those answered that were not there before; the others are being answered, or are. */
  take(requests: InputRequests): void
}

export interface QuestionsOptions {
  readonly conversation: Conversation
  /** Aborts when nobody waits for the answers any more. */
  readonly signal: AbortSignal
  /** Brings one answer to the server. */
  send(responses: InputResponses): Promise<void>
  /** Told that there is no answer, which is the end of the call. */
  failed(error: unknown): void
}

/**
 * "Clients SHOULD deduplicate `inputRequests` keys across consecutive polls." Each answer leaves as soon as it is there,
 * since a task takes them one by one.
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function createQuestions({ conversation, signal, send, failed }: QuestionsOptions): Questions {
  const seen = new Set<string>()
  let rounds = 0

  async function answer(requests: InputRequests): Promise<void> {
    try {
      await send(await conversation.answer({ method: 'tools/call', requests, signal }))
    } catch (error) {
      failed(error)
    }
  }

  return {
    take(requests) {
      const fresh = Object.entries(requests).filter(([key]) => !seen.has(key))
      if (fresh.length === 0) return
      rounds++
      if (rounds > conversation.maxInputRounds) return failed(new InputRoundsError(conversation.maxInputRounds))
      for (const [key, request] of fresh) {
        seen.add(key)
        // it never rejects
        void answer({ [key]: request })
      }
    },
  }
}
