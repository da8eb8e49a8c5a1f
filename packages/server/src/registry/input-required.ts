import type { InputRequests } from '@bao-mcp/protocol/engine'

/** What a handler returns to ask by hand instead of with `call.ask`. Made by {@link inputRequired}. */
export class InputRequired {
  readonly requests: InputRequests
  readonly state: string | undefined
  constructor(requests: InputRequests, state: string | undefined) {
    this.requests = requests
    this.state = state
  }
}

/**
 * Ends this run of a handler with questions for the client; the handler runs again when the answers are there, and finds
 * them and `state` in `call.round`. The state is sealed on its way through the client.
 */
export function inputRequired(question: { requests?: InputRequests; state?: string }): InputRequired {
  return new InputRequired(question.requests ?? {}, question.state)
}
