/** What Jira answers with when it refuses: `{ errorMessages, errors }` and a status. */
export class JiraFailure extends Error {
  readonly status: number
  readonly errorMessages: readonly string[]
  readonly errors: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, { errorMessages = [], errors = {}, headers = {} }: FailureDetails) {
    super(errorMessages[0] ?? Object.values(errors)[0] ?? `status ${status}`)
    this.name = 'JiraFailure'
    this.status = status
    this.errorMessages = errorMessages
    this.errors = errors
    this.headers = headers
  }
}

export interface FailureDetails {
  errorMessages?: readonly string[]
  /** Messages by field id. */
  errors?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
}

/** 400 that blames the request as a whole. */
export function badRequest(message: string): JiraFailure {
  return new JiraFailure(400, { errorMessages: [message] })
}

/** 400 that blames fields, by their ids. */
export function badFields(errors: Readonly<Record<string, string>>): JiraFailure {
  return new JiraFailure(400, { errors })
}

export function notFound(message: string): JiraFailure {
  return new JiraFailure(404, { errorMessages: [message] })
}

export function forbidden(message: string): JiraFailure {
  return new JiraFailure(403, { errorMessages: [message] })
}
