import type { JsonObject } from '@bao-mcp/protocol/engine'

/** Longest explanation of a server that is repeated, in characters. */
const MAX_WORDS_LENGTH = 300
/** Shorter secrets are words that stand in many texts. */
const MIN_SECRET_LENGTH = 4

export interface RefusalWords {
  /** `error` of OAuth, such as `invalid_grant`. */
  error: string
  /** The error and its description, as they may be shown. */
  text: string
}

/**
 * What an error response of OAuth says, without anything secret it may repeat; undefined when it is none.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function refusalWords(body: JsonObject | undefined, secrets: readonly string[] = []): RefusalWords | undefined {
  const { error, error_description: description } = body ?? {}
  if (typeof error !== 'string' || !/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(error)) return undefined
  const shown = withoutSecrets(error, secrets)
  if (typeof description !== 'string' || description === '') return { error: shown, text: shown }
  return {
    error: shown,
    text: `${shown} (${withoutSecrets(oneLine(description), secrets).slice(0, MAX_WORDS_LENGTH)})`,
  }
}

/** A text without the secrets, as they are and as URLs write them. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((left, secret) => left.replaceAll(secret, '[secret]'), text)
}

/** Terminals obey some characters. */
function oneLine(text: string): string {
  return text.slice(0, 10 * MAX_WORDS_LENGTH).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}
