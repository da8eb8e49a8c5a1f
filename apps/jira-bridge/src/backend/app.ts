import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { ABOUT } from '../about.ts'
import type { JiraClient } from '../client/jira-client.ts'
import { JiraError } from '../client/jira-error.ts'
import { type AllowedHosts, createCallers } from './callers.ts'
import { createDeadline, type Deadline, LateError } from './deadline.ts'
import { createInFlight, type InFlight } from './in-flight.ts'
import { problemOf, problemOfError, respond } from './problem.ts'
import type { Log } from './request-log.ts'
import { ROUTES } from './routes.ts'

/** Bytes of a request's body. Room for a description of the length Jira takes, and for its escapes. */
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024
/** Milliseconds a request may take in all. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000

const SHUTTING_DOWN = 'the service is shutting down'

export interface AppOptions {
  readonly jira: Pick<
    JiraClient,
    'searchPage' | 'getIssue' | 'createIssue' | 'getTransitions' | 'transition' | 'addComment' | 'info'
  >
  readonly log: Log
  /** Where it listens. Default 127.0.0.1. */
  readonly hostname?: string | undefined
  /** Names it is called by, beside its address and those of this machine; pages of others are kept out. Default none. */
  readonly allowedHosts?: AllowedHosts | undefined
  readonly maxBodyBytes?: number | undefined
  readonly requestTimeoutMs?: number | undefined
}

interface Variables {
  readonly requestId: string
  readonly deadline: Deadline
}
type App = OpenAPIHono<{ Variables: Variables }>

/** The backend without a port: give `app.fetch` to a server. */
export function createApp(options: AppOptions): { readonly app: App; readonly inFlight: InFlight } {
  const { jira, log, hostname = '127.0.0.1' } = options
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options
  const inFlight = createInFlight()
  const callers = createCallers(hostname, options.allowedHosts)

  const app: App = new OpenAPIHono<{ Variables: Variables }>({
    defaultHook(result, c) {
      if (result.success) return undefined
      const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
      const names = errors.map(({ path }) => path || 'body').join(', ')
      return respond(problemOf('bad_request', `the ${result.target} does not fit: ${names}`, { errors, ...idOf(c) }))
    },
  })

  app.use(requestId())
  app.use(async (c, next) => {
    const startedAt = performance.now()
    await next()
    const ms = Math.round(performance.now() - startedAt)
    const { status } = c.res
    const level = status >= 500 ? 'warn' : 'info'
    // the query and the body may hold what is nobody's business
    log({ level, event: 'request', id: c.get('requestId'), method: c.req.method, path: c.req.path, status, ms })
  })
  app.use(async (c, next) => {
    if (!callers.isForeign(c.req.raw)) return next()
    return respond(
      problemOf('foreign_caller', 'this service is not reached under this name, or not by this page', idOf(c)),
    )
  })

  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const allow = methods.join(', ')
        const answer = respond(
          problemOf('no_such_method', `${c.req.path} takes ${allow}, got ${c.req.method}`, idOf(c)),
        )
        answer.headers.set('allow', allow)
        return answer
      },
    }),
  )

  app.openapi(ROUTES.health, (c) => c.json({ status: 'alive' as const }, 200))
  app.openapi(ROUTES.ready, (c) => {
    const { state, server, version } = jira.info()
    if (!inFlight.isDraining && (state === 'ready' || state === 'degraded')) {
      return c.json({ status: 'ready' as const, server: server?.name ?? 'jira', ...(version && { version }) }, 200)
    }
    throw new JiraError('unavailable', inFlight.isDraining ? SHUTTING_DOWN : `the Jira server is ${state}`)
  })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Jira backend', version: ABOUT.version, description: 'Jira issues, through an MCP server.' },
  })

  app.use(async (c, next) => {
    if (inFlight.isDraining) throw new JiraError('unavailable', SHUTTING_DOWN)
    using deadline = createDeadline(requestTimeoutMs)
    const leave = inFlight.enter(deadline.end)
    c.set('deadline', deadline)
    try {
      await Promise.race([next(), deadline.over])
    } finally {
      leave()
    }
  })
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (c) => respond(problemOf('too_large', `the body is longer than ${maxBodyBytes} bytes`, idOf(c))),
    }),
  )

  app.openapi(ROUTES.search, async (c) => {
    const { jql, ...page } = c.req.valid('json')
    return c.json(await jira.searchPage(jql, { ...page, ...limits(c, 'reading') }), 200)
  })
  app.openapi(ROUTES.getIssue, async (c) => {
    const { key } = c.req.valid('param')
    return c.json(await jira.getIssue(key, { ...c.req.valid('query'), ...limits(c, 'reading') }), 200)
  })
  app.openapi(ROUTES.createIssue, async (c) => {
    const done = await jira.createIssue(c.req.valid('json'), limits(c, 'writing'))
    if (done.isDryRun) return c.json(done, 200)
    return c.json(done, 201, done.key === undefined ? {} : { location: `/issues/${encodeURIComponent(done.key)}` })
  })
  app.openapi(ROUTES.getTransitions, async (c) => {
    const { key } = c.req.valid('param')
    return c.json({ key, transitions: await jira.getTransitions(key, limits(c, 'reading')) }, 200)
  })
  app.openapi(ROUTES.transition, async (c) => {
    const { key } = c.req.valid('param')
    const { to, ...more } = c.req.valid('json')
    return c.json(await jira.transition(key, to, more, limits(c, 'writing')), 200)
  })
  app.openapi(ROUTES.addComment, async (c) => {
    const { key } = c.req.valid('param')
    const { body, ...more } = c.req.valid('json')
    const done = await jira.addComment(key, body, more, limits(c, 'writing'))
    return c.json(done, done.isDryRun ? 200 : 201)
  })

  app.notFound((c) => respond(problemOf('no_such_route', `there is no ${c.req.method} ${c.req.path}`, idOf(c))))
  app.onError((error, c) => {
    if (error instanceof LateError) return respond(problemOf('late', error.message, idOf(c)))
    if (error instanceof HTTPException) {
      const code = error.status === 415 ? 'no_json' : 'bad_request'
      return respond(problemOf(code, error.message, idOf(c)))
    }
    if (c.req.raw.signal.aborted) return respond(problemOf('late', 'the caller went away', idOf(c)))
    if (!(error instanceof JiraError)) {
      log({ level: 'error', event: 'unexpected', id: c.get('requestId'), error: `${error.name}: ${error.message}` })
    }
    const waitMs = error instanceof JiraError ? error.retryAfterMs : undefined
    return respond(problemOfError(error, c.get('requestId')), waitMs)
  })
  return { app, inFlight }

  /** From here on, a call of Jira is under way. A caller that goes away ends a read, and never a write. */
  function limits(c: Context<{ Variables: Variables }>, stage: 'reading' | 'writing') {
    const deadline = c.get('deadline')
    deadline.stage = stage
    const { signal } = deadline
    const together = stage === 'reading' ? AbortSignal.any([signal, c.req.raw.signal]) : signal
    return { signal: together, timeoutMs: requestTimeoutMs, maxTotalTimeoutMs: requestTimeoutMs }
  }
}

function idOf(c: Pick<Context, 'get'>): { requestId?: string } {
  const requestId: unknown = c.get('requestId')
  return typeof requestId === 'string' ? { requestId } : {}
}
