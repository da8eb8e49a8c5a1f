/** Longest access or refresh token that is taken, in characters. */
export const MAX_TOKEN_LENGTH: number = 64 * 1024

/**
 * True for the characters of an access token and no others: anything else could end the header and begin another.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function isTokenText(text: string): boolean {
  return /^[\w\-.~+/]+=*$/.test(text)
}
