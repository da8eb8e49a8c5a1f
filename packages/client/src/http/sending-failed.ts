import { ConnectionError } from '@bao-mcp/protocol/engine'
import { shownUrl } from './sent-with.ts'

/** Causes of a failure that are told. */
const MAX_CAUSES = 3
/** Failures of a connection that never was one. */
const NEVER_CONNECTED: RegExp = new RegExp(
  [
    'ECONNREFUSED|ConnectionRefused|Unable to connect|FailedToOpenSocket|UND_ERR_CONNECT_TIMEOUT|bad port',
    'ENOTFOUND|EAI_AGAIN',
    'SELF_SIGNED_CERT|CERT_HAS_EXPIRED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|TLS_CERT_ALTNAME_INVALID',
    'TLS handshake failed|ERR_SSL_WRONG_VERSION_NUMBER',
  ].join('|'),
  'i',
)

/** Codes of a connection that never was one, and also of one that broke off: what was called when it came tells them apart. */
const NO_WAY: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH'])

/** What became of a request that has no response. The cause is told without what may be secret of the URL. */
export function sendingFailed(what: string, target: URL, cause: unknown): ConnectionError {
  forgetQuery(cause, target)
  const words = wordsOf(cause)
  const place = shownUrl(target)
  if (NEVER_CONNECTED.test(words) || isWithoutWay(cause)) {
    return new ConnectionError(
      'unreachable',
      `${what} was not sent: the server at ${place} cannot be reached (${words})`,
      {
        outcome: 'not_run',
        cause,
      },
    )
  }
  return new ConnectionError('dropped', `${what} had no answer: the connection to ${place} broke off (${words})`, {
    outcome: 'unknown',
    cause,
  })
}

/** Whether there was no way while it was being connected: later the request may have been heard. */
function isWithoutWay(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error)) return false
  // each member is looked at before it is used
  const { code, syscall, errors } = error as Error & { code?: unknown; syscall?: unknown; errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => isWithoutWay(one, depth))
  if (typeof code === 'string' && NO_WAY.has(code)) return syscall === 'connect'
  return depth < MAX_CAUSES && isWithoutWay(error.cause, depth + 1)
}

/** Some runtimes put the whole URL into their errors, and a query may hold a secret. */
function forgetQuery(error: unknown, target: URL): void {
  if (target.search === '' || !(error instanceof Error) || !('path' in error)) return
  // it can be written and not be taken away
  if (String(error.path).includes(target.search)) Reflect.set(error, 'path', shownUrl(target))
}

/** What an error says, and the one it came of: each runtime hides what matters in another place. */
function wordsOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // advice for who calls fetch
  const message = error.message.replace(/ ?For more information, pass `verbose.*/, '')
  const own = message.includes(code) ? message : `${code}: ${message}`.replace(/: $/, '')
  const isDeeper = error.cause instanceof Error && depth < MAX_CAUSES
  return isDeeper ? `${own}: ${wordsOf(error.cause, depth + 1)}` : own
}
