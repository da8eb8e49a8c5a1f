import type { CallContext } from '@bao-mcp/server'
import { Refusal } from './refusal.ts'

/**
 * Asks a person before something is lost. Where the client cannot ask, the tool's annotations are all the warning there is.
 * @param consequence what will happen, as a sentence without its end
 * @throws {Refusal} when the answer is no
 */
export async function confirm(call: CallContext, key: string, consequence: string): Promise<void> {
  if (!call.can('elicitation.form')) return
  const answer = await call.ask(key, {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: `${consequence}. Go on?`,
      requestedSchema: {
        type: 'object',
        properties: { sure: { type: 'boolean', title: 'Go on', default: false } },
        required: ['sure'],
      },
    },
  })
  if (answer.action !== 'accept' || answer.content?.sure !== true) {
    throw new Refusal('declined', 'The person who was asked did not agree. Nothing was changed.')
  }
}

export interface Choice<T> {
  key: string
  /** What has to be chosen, as a sentence without its end. */
  question: string
  /** By what a person reads; the model reads the same where nobody can be asked. */
  choices: ReadonlyMap<string, T>
  /** What the model can do where nobody can be asked. */
  hint: string
}

/** Lets a person choose. @throws {Refusal} listing the choices where nobody can be asked, or nobody chose */
export async function choose<T>(call: CallContext, { key, question, choices, hint }: Choice<T>): Promise<T> {
  const labels = [...choices.keys()]
  if (!call.can('elicitation.form')) throw new Refusal('ambiguous', `${question}: ${labels.join('; ')}. ${hint}`)
  const answer = await call.ask(key, {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: `${question}. Which one?`,
      requestedSchema: {
        type: 'object',
        properties: { choice: { type: 'string', title: 'Choice', enum: labels } },
        required: ['choice'],
      },
    },
  })
  const chosen = answer.action === 'accept' ? answer.content?.choice : undefined
  const found = typeof chosen === 'string' ? choices.get(chosen) : undefined
  if (found === undefined)
    throw new Refusal('declined', 'The person who was asked chose none of them. Nothing was changed.')
  return found
}
