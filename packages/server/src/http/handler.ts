import {
  classify,
  createDeadlines,
  explainInvalid,
  INSUFFICIENT_SCOPE,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isJsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  RpcError,
  SERVER_BUSY,
  shown,
  toRpcError,
} from '@bao-mcp/protocol/engine'
import { createEncode } from '../encode.ts'
import { createErasOverHttp } from '../eras/over-http.ts'
import type { Server } from '../server.ts'
import { createServing } from '../serving.ts'
import { readAccept } from './accept.ts'
import { type Authenticator, createAuthenticator } from './auth/authenticator.ts'
import { readBody } from './body.ts'
import { allowPage, preflight } from './cors.ts'
import { HttpFault, statusOfRefusal } from './fault.ts'
import { createGuards } from './guards.ts'
import type { HttpCore, Incoming } from './incoming.ts'
import { createKeepAlive } from './keep-alive.ts'
import { HTTP_SERVE_DEFAULTS, type HttpOptions, httpLimits } from './options.ts'
import { parseBody } from './parse.ts'
import { errorResponse } from './respond.ts'

/** Answers HTTP requests with a server: a pure function, to be mounted wherever requests and responses are those of the web. */
export interface HttpHandler extends AsyncDisposable {
  (request: Request): Promise<Response>
  /** Calls that are being answered. */
  readonly inFlight: number
  /**
   * Refuses what comes from now on, ends subscriptions and idle streams, and resolves when what runs has been answered
   * and what extensions go on with has ended; after `graceMs` milliseconds (default 5 s) the rest is answered with an error.
   */
  drain(graceMs?: number): Promise<void>
  /** Drains without any grace and lets go of everything the handler holds. */
  close(): Promise<void>
}

const DEFAULT_DRAIN_GRACE_MS = 5000
const JSON_TYPE = /^application\/json\s*(?:;|$)/i
/** A body that is sent as it is. */
const PLAIN = /^(?:\s*identity\s*)?$/i
/** What is answered, beside OPTIONS. */
const METHODS: ReadonlySet<string> = new Set(['POST', 'GET', 'DELETE'])
const ALLOW = { allow: 'POST, GET, DELETE, OPTIONS' }

/**
 * Serves a definition over Streamable HTTP, both eras on one URL. Nothing runs and nothing is held until a request comes.
 * @throws {TypeError} for a limit under which nothing could be served, or options that cannot protect anything
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http
 */
export function httpHandler(server: Server, options: HttpOptions = {}): HttpHandler {
  const serving = createServing(server, { ...HTTP_SERVE_DEFAULTS, ...options }, options.auth?.implies)
  const { clock, log } = serving
  const limits = httpLimits(options)
  const core: HttpCore = {
    serving,
    limits,
    clock,
    deadlines: createDeadlines(clock),
    keepAlive: createKeepAlive(clock, limits.keepAliveMs),
  }
  const guards = createGuards(options)
  const authenticator = options.auth === undefined ? undefined : createAuthenticator(options.auth, { log, clock })
  const encode = createEncode({ info: server.info }, server.middleware.length === 0)
  let waitingForIdle: (() => void)[] = []
  const eras = createErasOverHttp({
    core,
    encode,
    challenge: (error, incoming) => challenge(authenticator, error, incoming),
    onIdle,
  })

  function onIdle(): void {
    if (eras.inFlight > 0) return
    const waiting = waitingForIdle
    waitingForIdle = []
    for (const resolve of waiting) resolve()
  }

  async function handle(request: Request): Promise<Response> {
    let origin: string | undefined
    let response: Response
    try {
      // for everybody, whatever page asks
      const metadata = authenticator?.metadata(request)
      if (metadata !== undefined) return metadata
      origin = guards.check(request)
      response = await answer(request)
    } catch (thrown) {
      response = refused(thrown)
    }
    return origin === undefined ? response : allowPage(response, origin)
  }

  function refused(thrown: unknown): Response {
    if (thrown instanceof HttpFault) return errorResponse(thrown.status, thrown.id, thrown, thrown.headers)
    const error = toRpcError(thrown)
    if (error !== thrown) log.error('an HTTP request failed', thrown)
    return errorResponse(statusOfRefusal(error), undefined, error)
  }

  async function answer(request: Request): Promise<Response> {
    if (request.method === 'OPTIONS') return preflight(request)
    if (!METHODS.has(request.method)) throw notAllowed(request.method)
    const auth = authenticator?.authenticate(request)
    const who = auth instanceof Promise ? await auth : auth
    if (who instanceof Response) return who
    const { headers } = request
    const incoming = {
      request,
      accepts: readAccept(headers.get('accept')),
      auth: who,
      version: headers.get('mcp-protocol-version'),
      sessionId: shortHeader(headers, 'mcp-session-id'),
      length: 0,
    }
    switch (request.method) {
      case 'POST':
        return post(request, incoming)
      case 'GET':
        return eras.listen(incoming, shortHeader(headers, 'last-event-id'))
      default:
        // DELETE: no other method comes this far
        return eras.end(incoming)
    }
  }

  async function post(request: Request, incoming: Incoming & { length: number }): Promise<Response> {
    const { accepts } = incoming
    if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
      throw new HttpFault(415, INVALID_REQUEST, 'the content type must be application/json')
    }
    mustBePlain(request.headers.get('content-encoding'))
    if (!accepts.json && !accepts.events) {
      throw new HttpFault(406, INVALID_REQUEST, 'Accept must name application/json and text/event-stream')
    }
    const text = await readBody(request, limits, core.deadlines)
    incoming.length = text.length
    const value = parseBody(text)
    const kind = classify(value)
    // proof of the casts: classify has just checked every member these types name
    switch (kind) {
      case 'request':
        return eras.request(value as JsonRpcRequest, incoming)
      case 'notification':
        return eras.notification(value as JsonRpcNotification, incoming)
      case 'result':
      case 'error':
      case 'batch':
        return eras.conversation(value, kind, incoming)
      case 'invalid': {
        const { id, reason } = explainInvalid(value)
        throw new HttpFault(400, INVALID_REQUEST, `Invalid request: ${reason}`, { id })
      }
      default:
        return kind satisfies never
    }
  }

  function shortHeader(headers: Headers, name: string): string | null {
    const value = headers.get(name)
    if (value === null || value.length <= limits.maxHeaderLength) return value
    throw new HttpFault(
      431,
      INVALID_REQUEST,
      `the header ${name} has ${value.length} characters, over the limit of ${limits.maxHeaderLength} (maxHeaderLength)`,
    )
  }

  async function drain(graceMs: number = DEFAULT_DRAIN_GRACE_MS): Promise<void> {
    const until = clock.now() + graceMs
    const refusal = new RpcError(SERVER_BUSY, 'the server is shutting down')
    eras.refuse(refusal)
    if (!(await idleWithin(graceMs))) {
      const calls = eras.inFlight === 1 ? '1 call' : `${eras.inFlight} calls`
      log.warning(`${calls} did not finish within ${graceMs} ms`)
      const error = new RpcError(INTERNAL_ERROR, 'the server shut down before the call finished')
      eras.failInFlight(error)
    }
    await server.extensions.drain(serving, Math.max(0, until - clock.now()))
    await eras.close()
  }

  function idleWithin(ms: number): Promise<boolean> {
    if (eras.inFlight === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const stop = clock.after(ms, () => resolve(false))
      waitingForIdle.push(() => {
        stop()
        resolve(true)
      })
    })
  }

  const close = (): Promise<void> => drain(0)
  return Object.defineProperties(handle, {
    inFlight: { get: () => eras.inFlight },
    drain: { value: drain },
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
    // proof: the members that were just defined are those of the type
  }) as unknown as HttpHandler
}

/** "Accept-Encoding ought to be used to indicate which content codings would have been accepted." */
function mustBePlain(coding: string | null): void {
  if (coding === null || PLAIN.test(coding)) return
  throw new HttpFault(
    415,
    INVALID_REQUEST,
    `the Content-Encoding header must be left out or identity, got ${shown(coding)}`,
    { headers: { 'accept-encoding': 'identity' } },
  )
}

function notAllowed(method: string): HttpFault {
  return new HttpFault(405, INVALID_REQUEST, `${method} is not a method of this endpoint`, { headers: ALLOW })
}

/** What goes with the refusal of somebody who was let in, and is not let do this. */
function challenge(
  authenticator: Authenticator | undefined,
  error: RpcError,
  { auth }: Incoming,
): Readonly<Record<string, string>> | undefined {
  if (authenticator === undefined || auth === undefined || error.code !== INSUFFICIENT_SCOPE) return undefined
  const scopes = isJsonObject(error.data) && Array.isArray(error.data.scopes) ? error.data.scopes.map(String) : []
  const header = authenticator.insufficient(auth, scopes).headers.get('www-authenticate')
  return header === null ? undefined : { 'www-authenticate': header }
}
