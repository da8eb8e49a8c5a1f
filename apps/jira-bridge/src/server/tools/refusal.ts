/**
 * Why a tool does not do what it was asked for.
 * - `invalid`: what was asked for cannot be done
 * - `ambiguous`: it can be understood in several ways, which the message lists
 * - `declined`: a person was asked, and did not agree
 */
export type RefusalReason = 'invalid' | 'ambiguous' | 'declined'

/** The bridge itself refuses, and nothing was changed. The message tells a model what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly failure: RefusalReason

  constructor(failure: RefusalReason, message: string) {
    super(message)
    this.failure = failure
  }
}
