import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import type { BrowserRuntime, Loopback, LoopbackAnswer, LoopbackRuntime } from '../runtime/auth-types.ts'
import { AuthError } from './auth-error.ts'
import { checkRedirectUri, type Redirect, type RedirectVisit } from './redirect.ts'
import { withoutQuery } from './safe-url.ts'

/** Milliseconds a person has to log in. */
export const DEFAULT_LOGIN_TIMEOUT_MS: number = 5 * 60_000

/** Where the browser comes back to on this machine, and how it is opened. */
export interface LoopbackRedirectOptions {
  /** False prints the URL instead; a function opens it itself and gives false when it could not. Default true. */
  openBrowser?: boolean | ((url: URL) => boolean | Promise<boolean>)
  /** Hears the sentence with the URL when no browser was opened. Default: it is written to stderr. */
  print?: (text: string) => void
  /** `127.0.0.1` (default), `localhost` or `[::1]`, as the redirect URI is registered. */
  hostname?: string
  /** Default: any that is free. */
  port?: number
  /** Default `/callback`. */
  path?: string
  /** Milliseconds a person has to log in. Default 5 min. */
  loginTimeoutMs?: number
  clock?: Clock
}

/**
 * Listens on this machine for the end of a login and opens the browser at its beginning. Only the answer to that very
 * login is taken, and only once.
 * @throws {AuthError} `invalid_options`
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
export function loopbackRedirect(options: LoopbackRedirectOptions = {}): Redirect {
  const { hostname = '127.0.0.1', port = 0, path = '/callback' } = options
  const uriFor = (at: number): string => `http://${hostname}:${at}${path}`
  checkRedirectUri(uriFor(port))
  if (!path.startsWith('/')) {
    throw new AuthError('invalid_options', `path must begin with a slash, got ${JSON.stringify(path)}`)
  }
  return {
    async open({ preferred }) {
      // where a registration names a port, it is tried first
      const registered = preferred
        .map((uri) => Number(URL.parse(uri)?.port))
        .filter((at) => preferred.includes(uriFor(at)))
      const wait = createWait()
      const server = await listen({ hostname, ports: port === 0 ? [...registered, 0] : [port], answer: wait.answer })
      return visit({ server, uri: uriFor(server.port), path, wait, options })
    },
  }
}

interface Wait {
  answer(target: string): LoopbackAnswer
  /** Begins to take the answer with this state; resolves to its target. */
  expect(state: string, path: string): Promise<string>
}

function createWait(): Wait {
  let take: ((target: string) => void) | undefined
  let wanted: { state: string; path: string } | undefined
  return {
    answer(target) {
      if (wanted === undefined || !URL.canParse(target, 'http://loopback')) return page(404, 'Nothing is awaited here.')
      const { pathname, searchParams } = new URL(target, 'http://loopback')
      if (pathname !== wanted.path) return page(404, 'There is nothing here.')
      // any page can send a browser here; only the answer to this login ends the waiting
      if (searchParams.get('state') !== wanted.state)
        return page(400, 'This is not the answer to the login in progress.')
      wanted = undefined
      take?.(target)
      return page(200, 'You can close this window and go back to the application.')
    },
    expect(state, path) {
      return new Promise((resolve) => {
        take = resolve
        wanted = { state, path }
      })
    },
  }
}

async function listen({
  hostname,
  ports,
  answer,
}: {
  hostname: string
  ports: readonly number[]
  answer: (target: string) => LoopbackAnswer
}): Promise<Loopback> {
  const { listenOnLoopback }: LoopbackRuntime = await import('#runtime/loopback')
  let cause: unknown
  for (const port of ports) {
    try {
      return await listenOnLoopback({ hostname, port, answer })
    } catch (failure) {
      // a port of an earlier login may be taken by now; the last one asked for decides
      cause = failure
    }
  }
  const message = `the end of a login cannot be listened for on ${hostname}, port ${ports.at(-1)}; choose another port, or hand in a redirect of your own`
  throw new AuthError('redirect_failed', message, { cause })
}

function visit({
  server,
  uri,
  path,
  wait,
  options,
}: {
  server: Loopback
  uri: string
  path: string
  wait: Wait
  options: LoopbackRedirectOptions
}): RedirectVisit {
  const { loginTimeoutMs = DEFAULT_LOGIN_TIMEOUT_MS, clock = systemClock } = options
  return {
    uri,
    async follow(url, { signal }) {
      signal?.throwIfAborted()
      const came = wait.expect(url.searchParams.get('state') ?? '', path)
      let give = (_reason: unknown): void => undefined
      const given = new Promise<never>((_, reject) => {
        give = reject
      })
      given.catch(() => {
        // it ends the waiting below, or comes after it
      })
      const stop = clock.after(loginTimeoutMs, () => {
        const message = `nobody logged in at ${withoutQuery(url)} within ${loginTimeoutMs} ms (loginTimeoutMs)`
        give(new AuthError('redirect_failed', message))
      })
      const abort = (): void => give(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      try {
        await Promise.race([given, show(url, options)])
        return new URL(await Promise.race([given, came]), uri)
      } finally {
        stop()
        signal?.removeEventListener('abort', abort)
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function show(url: URL, { openBrowser = true, print }: LoopbackRedirectOptions): Promise<void> {
  const runtime: BrowserRuntime = await import('#runtime/browser')
  if (typeof openBrowser === 'function' ? await openBrowser(url) : openBrowser && (await runtime.openInBrowser(url)))
    return
  const say = print ?? runtime.printForPerson
  say(`To log in, open this page in a browser on this machine:\n${url.href}`)
}

function page(status: number, text: string): LoopbackAnswer {
  return { status, html: `<!doctype html><meta charset="utf-8"><title>Login</title><p>${text}</p>` }
}
