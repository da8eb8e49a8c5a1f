const REDACTED = '[token]'
/** Shorter parts of a token are words that stand in many texts. */
const MIN_PART_LENGTH = 12
const MAX_CAUSES = 5

/** A text without the token, its parts, and the way either is written in a URL. */
export function withoutToken(text: string, token: string): string {
  const secrets = [token, ...token.split('.').filter((part) => part.length >= MIN_PART_LENGTH)]
  return secrets.reduce(
    (left, secret) => left.replaceAll(secret, REDACTED).replaceAll(encodeURIComponent(secret), REDACTED),
    text,
  )
}

/**
 * What was thrown, as it may be logged: name, message, stack and causes without the token. It is a new error, because a
 * thrown one may hold whatever it likes in members, such as the headers of a request.
 */
export function loggable(thrown: unknown, token: string, depth: number = 0): Error {
  if (!(thrown instanceof Error)) return new Error(`something that is no error was thrown: ${typeof thrown}`)
  const { name, message, stack, cause } = thrown
  const inner = cause instanceof Error && depth < MAX_CAUSES ? { cause: loggable(cause, token, depth + 1) } : undefined
  const clean = new Error(withoutToken(message, token), inner)
  clean.name = withoutToken(name, token)
  if (stack !== undefined) clean.stack = withoutToken(stack, token)
  return clean
}
