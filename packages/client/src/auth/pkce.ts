/** A secret of one login, and what may be told of it beforehand. */
export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

/** Length of what cannot be guessed, in bytes. */
const RANDOM_BYTES = 32

/**
 * Makes a verifier and its S256 challenge.
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4
 */
export async function createPkce(): Promise<Pkce> {
  const verifier = randomText()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return { verifier, challenge: base64Url(new Uint8Array(digest)) }
}

/** 43 characters of a URL that nobody can guess. */
export function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
