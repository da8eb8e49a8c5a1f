import { JiraApiError } from './errors.ts'

export interface Redact {
  (text: string): string
  /** The same failure, saying no secret; its cause stays behind, for nobody knows what that says. */
  error(error: JiraApiError): JiraApiError
}

const SHORTEST_SECRET = 4

/** Takes secrets out of texts, should anything on the way have put them there. */
export function redactor(secrets: readonly string[]): Redact {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(' ')])
  const hidden = [...new Set(parts)]
    .filter((part) => part.length >= SHORTEST_SECRET && part !== 'Basic' && part !== 'Bearer')
    .sort((a, b) => b.length - a.length)

  function redact(text: string): string {
    return hidden.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text)
  }

  function error(given: JiraApiError): JiraApiError {
    const fields = Object.entries(given.fields).map(([name, wrong]) => [redact(name), redact(wrong)] as const)
    return new JiraApiError(given.failure, redact(given.message), {
      fields: Object.fromEntries(fields),
      outcome: given.outcome,
      ...(given.status !== undefined && { status: given.status }),
      ...(given.retryAfterMs !== undefined && { retryAfterMs: given.retryAfterMs }),
    })
  }

  return Object.assign(redact, { error })
}
