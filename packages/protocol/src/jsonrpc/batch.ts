import type { AnswerSink } from './inbound.ts'
import { encodeMessage, isJsonObject, type JsonRpcResponse, serialise } from './message.ts'

/** Gathers the answers of one batch and sends them as one array when the last is there. */
export interface Batch {
  /**
   * Tells of one member of the batch and returns where its answer goes. That throws when the answer cannot be
   * serialised, so that it spoils no other answer of the batch.
   */
  expect(member: unknown): AnswerSink
  /** Says that all members have been told of. */
  seal(): void
}

/**
 * @param send called once, when the last member is settled: with all answers, or undefined when there are none
 * @see https://www.jsonrpc.org/specification#batch
 */
export function createBatch(send: (answers: JsonRpcResponse[] | undefined) => void): Batch {
  const answers: JsonRpcResponse[] = []
  let outstanding = 1

  function settle(): void {
    outstanding--
    if (outstanding === 0) send(answers.length > 0 ? answers : undefined)
  }

  return {
    expect(member) {
      if (!isJsonObject(member) || !('method' in member) || !('id' in member)) return (answer) => void keep(answer)
      outstanding++
      return (answer) => {
        keep(answer && serialised(answer))
        settle()
      }
    },
    seal: settle,
  }

  function keep(answer: JsonRpcResponse | undefined): void {
    if (answer !== undefined) answers.push(answer)
  }
}

function serialised(answer: JsonRpcResponse): JsonRpcResponse {
  if ('result' in answer) return { ...answer, result: serialise(answer.result) }
  encodeMessage(answer)
  return answer
}
