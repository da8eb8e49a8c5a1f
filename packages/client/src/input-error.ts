/** Closed set of codes of {@link InputError}. */
export type InputErrorCode =
  | 'undeclared' // no handler was given for what the server asks
  | 'invalid_request' // the server asks for something no handler can be given: malformed, or a mode not declared
  | 'declined' // the user refused
  | 'invalid_answer' // a handler's answer does not fit what was asked
  | 'handler_failed' // a handler threw; `cause` is what it threw

/** A server asked this client for something and got no answer, for a reason on this side of the wire. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code: InputErrorCode
  /** What was asked: `elicitation/create`, `sampling/createMessage` or `roots/list`. */
  readonly method: string
  /** What is wrong, place by place; empty when the message says all. */
  readonly issues: readonly string[]

  constructor(
    code: InputErrorCode,
    method: string,
    message: string,
    evidence: { issues?: readonly string[]; cause?: unknown } = {},
  ) {
    super(`${method}: ${message}`, 'cause' in evidence ? { cause: evidence.cause } : undefined)
    this.code = code
    this.method = method
    this.issues = evidence.issues ?? []
  }
}
