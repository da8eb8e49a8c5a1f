import { DEFAULT_MAX_MESSAGE_BYTES, systemClock } from '@bao-mcp/protocol/engine'
import { createSessionChannel } from '../eras/legacy/http-channel.ts'
import { createOldestChannel } from '../eras/legacy/sse-channel.ts'
import { createModernHttpChannel } from '../eras/modern/http-channel.ts'
import { mergeHeaders } from '../http/headers.ts'
import { DEFAULT_MAX_RESUMES, DEFAULT_STREAM_IDLE_TIMEOUT_MS, type HttpClientOptions } from '../http/options.ts'
import type { ReadLimits } from '../http/read-body.ts'
import { createWire, type Wire } from '../http/wire.ts'
import type { Opening, OpenOptions, Transport } from './transport.ts'

/**
 * A way to a server over Streamable HTTP, in the era it speaks; a server that speaks neither is tried as one of 2024.
 * @throws {TypeError} for what is no http or https URL, and for options that are none
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http
 */
export function http(url: string | URL, options: HttpClientOptions = {}): Transport {
  return httpTransport('http', url, options, ['stateless', 'handshake', 'oldest'])
}

/**
 * A way to a server of 2024 over HTTP with server-sent events, and to nothing else.
 * @throws {TypeError} for what is no http or https URL, and for options that are none
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export function sse(url: string | URL, options: HttpClientOptions = {}): Transport {
  return httpTransport('sse', url, options, ['oldest'])
}

function httpTransport(
  kind: string,
  given: string | URL,
  options: HttpClientOptions,
  openings: readonly Opening[],
): Transport {
  const url = checkedUrl(given)
  const { clock = systemClock, random = Math.random, auth } = options
  const limits: ReadLimits = {
    maxMessageBytes: above(0, 'maxMessageBytes', options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES),
    streamIdleTimeoutMs: above(0, 'streamIdleTimeoutMs', options.streamIdleTimeoutMs ?? DEFAULT_STREAM_IDLE_TIMEOUT_MS),
    clock,
  }
  checkAuth(auth)
  const maxResumes = above(-1, 'maxResumes', options.maxResumes ?? DEFAULT_MAX_RESUMES)
  // those that are known by now are refused by now
  if (typeof options.headers === 'object') mergeHeaders(options.headers)
  const wire: Wire = createWire(url, options)
  return {
    name: `${kind}: ${url.origin}${url.pathname}`,
    identity: `${kind} ${url.href} ${auth?.identity ?? ''}`,
    silenceIsEvidence: false,
    openings,
    get principal() {
      return auth?.identity
    },
    // headers that are made for each request may be those of another user
    identify: typeof options.headers === 'function' ? () => null : auth?.identify,
    async open({
      signal,
      opening = openings[0] ?? 'handshake',
      warn = ignore,
      renewed = ignore,
      missed = ignore,
    }: OpenOptions = {}) {
      signal?.throwIfAborted()
      switch (opening) {
        case 'stateless':
          return createModernHttpChannel({ wire, limits, warn })
        case 'handshake':
          return createSessionChannel({
            wire,
            limits,
            clock,
            random,
            maxResumes,
            endSessionOnClose: options.endSessionOnClose ?? true,
            warn,
            onRenewed: renewed,
            onMissed: missed,
          })
        case 'oldest':
          return createOldestChannel({ wire, limits, clock, ...(signal !== undefined && { signal }), warn })
        default:
          return opening satisfies never
      }
    },
  }
}

function checkedUrl(given: string | URL): URL {
  const url = URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // what stands in front of the host may be a password
    const shown = String(given)
      .replace(/[^/]*@/, '…@')
      .slice(0, 200)
    throw new TypeError(`a server is reached under an http or https URL, got ${JSON.stringify(shown)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('credentials do not belong in the URL: use the option headers or auth')
  }
  return url
}

function checkAuth(auth: unknown): void {
  if (auth === undefined) return
  const isAuthorizer =
    typeof auth === 'object' && auth !== null && 'authorize' in auth && typeof auth.authorize === 'function'
  // a text may be the token itself
  if (!isAuthorizer)
    throw new TypeError(`auth must be an authorizer, such as bearer(token) or oauth({ … }), got ${typeof auth}`)
}

function above(least: number, name: string, value: number): number {
  if (typeof value === 'number' && value > least) return value
  throw new TypeError(`${name} must be a number above ${least}, got ${String(value)}`)
}

function ignore(): void {
  // nobody asked to be told
}
