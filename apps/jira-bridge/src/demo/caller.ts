import type { z } from 'zod'
import { Problem } from '../backend/problem.ts'
import type { Stage } from './stage.ts'

/** Milliseconds for one answer. */
const TIMEOUT_MS = 15_000

export interface Question<Schema extends z.ZodType> {
  readonly path: string
  readonly body?: unknown
  /** What a good answer looks like. */
  readonly answer: Schema
  /** What is shown of it. */
  show(answer: z.output<Schema>): readonly string[]
}

export type Ask = <Schema extends z.ZodType>(question: Question<Schema>) => Promise<z.output<Schema>>

/** Asks the backend, as any HTTP client would, and shows both sides of it. A question with a body is a POST. */
export function createCaller(baseUrl: string, stage: Pick<Stage, 'request' | 'answer'>): Ask {
  return async ({ path, body, answer, show }) => {
    const method = body === undefined ? 'GET' : 'POST'
    stage.request(method, path, body)
    const response = await fetch(baseUrl + path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const said: unknown = await response.json()
    if (!response.ok) {
      const { code, detail } = Problem.parse(said)
      stage.answer(response.status, [`${code}: ${detail}`])
      throw new Error(`${method} ${path} was answered with ${response.status} ${code}, ${detail}`)
    }
    const parsed = answer.parse(said)
    stage.answer(response.status, show(parsed))
    return parsed
  }
}
