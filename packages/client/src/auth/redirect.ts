import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { untilAborted } from './until-aborted.ts'

/** Leads a person to the login and brings them back. */
export interface Redirect {
  /** Gets ready for one login. `preferred` are redirect URIs that are registered already, the best first. */
  open(options: { preferred: readonly string[]; signal?: AbortSignal | undefined }): MaybePromise<RedirectVisit>
}

/** One login; disposing ends it, whatever came of it. */
export interface RedirectVisit extends AsyncDisposable {
  /** The redirect URI. */
  readonly uri: string
  /**
   * Resolves to the URL the person came back to, with its query.
   * @throws {AuthError} `redirect_failed` when nobody came back
   * @throws the signal's reason
   */
  follow(url: URL, options: { signal?: AbortSignal | undefined }): Promise<URL>
}

/** Shows an authorization URL to whoever is to log in, and resolves to the URL they were sent back to. */
export type FollowRedirect = (url: URL, options: { signal?: AbortSignal | undefined }) => Promise<URL>

/**
 * A redirect that the application follows itself.
 * @param uri the redirect URI: https, or http on loopback
 * @throws {AuthError} `invalid_options`
 */
export function ownRedirect(uri: string, follow: FollowRedirect): Redirect {
  checkRedirectUri(uri)
  return {
    open: () => ({
      uri,
      follow: (url, options) => untilAborted(follow(url, options), options.signal),
      async [Symbol.asyncDispose]() {
        // it is the application's and stays
      },
    }),
  }
}

/**
 * "All redirect URIs MUST be either localhost or use HTTPS."
 * @throws {AuthError} `invalid_options`
 */
export function checkRedirectUri(uri: string): void {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  const fine =
    url !== undefined &&
    !uri.includes('#') &&
    url.username === '' &&
    url.password === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)))
  if (fine) return
  throw new AuthError(
    'invalid_options',
    `a redirect URI must be https, or http on loopback, without a fragment, got ${JSON.stringify(uri)}`,
  )
}

/** As registration asks for it: `native` when the person comes back to their own machine. */
export function applicationType(redirectUri: string): 'native' | 'web' {
  return isLoopbackHost(new URL(redirectUri).hostname) ? 'native' : 'web'
}

export function isLoopbackHost(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
