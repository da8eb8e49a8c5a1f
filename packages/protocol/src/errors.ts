/** A result arrived that is not what its method answers. */
export class InvalidResultError extends Error {
  override readonly name = 'InvalidResultError'
  readonly code = 'invalid_result'
  readonly method: string
  /** What is wrong, place by place; empty when the message says all. */
  readonly issues: readonly string[]

  constructor(method: string, message: string, issues: readonly string[] = []) {
    super(`${method} answered something invalid: ${message}`)
    this.method = method
    this.issues = issues
  }
}

/** The two sides share no way to talk. */
export class NegotiationError extends Error {
  override readonly name = 'NegotiationError'
  readonly code = 'no_common_version'
  /** Versions this side speaks, newest first. */
  readonly ours: readonly string[]
  /** Versions the other side named; undefined when it named none. */
  readonly theirs: readonly string[] | undefined

  constructor(message: string, ours: readonly string[], theirs: readonly string[] | undefined, options?: ErrorOptions) {
    super(message, options)
    this.ours = ours
    this.theirs = theirs
  }
}
