import { authenticate } from './authenticate.ts'
import { type Answer, isRecord } from './call.ts'
import { badRequest, JiraFailure, notFound } from './failure.ts'
import type { Faults } from './faults.ts'
import { matchRoute } from './router.ts'
import type { Site } from './site.ts'

/** A request that came in, as tests look at it. */
export interface SeenRequest {
  method: string
  /** Path with the query. */
  url: string
  status: number
}

export interface AnswererOptions {
  site: Site
  faults: Faults
  /** Called once for each authenticated request, before it runs. */
  throttle: (accountId: string) => void
  onAnswer: (seen: SeenRequest) => void
}

const MAX_BODY_CHARACTERS = 10_000_000

/** Answers requests to a site. Never rejects: what goes wrong is an answer in Jira's shape. */
export function createAnswerer({ site, faults, throttle, onAnswer }: AnswererOptions) {
  async function run(request: Request, url: URL): Promise<Answer> {
    const { method } = request
    const path = url.pathname
    const match = matchRoute(method, path)
    if (match === undefined) throw notFound(`There is no resource at '${path}'.`)
    const account = authenticate(site, match.dialect, request.headers.get('authorization'))
    throttle(account.accountId)
    const { run: operation, dialect, params } = match
    if (operation === undefined)
      throw new JiraFailure(405, { errorMessages: [`Method ${method} is not allowed here.`] })
    const body = await bodyOf(request)
    return await faults.around(
      { method, path },
      // all of a request takes effect, or nothing
      site.db.transaction(() => operation({ site, account, dialect, params, query: url.searchParams, body })),
    )
  }

  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    const response = await run(request, url).then(respond, refuse)
    onAnswer({ method: request.method, url: url.pathname + url.search, status: response.status })
    return response
  }
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text()
  if (text === '') return {}
  if (text.length > MAX_BODY_CHARACTERS) {
    throw new JiraFailure(413, { errorMessages: [`The request is larger than ${MAX_BODY_CHARACTERS} characters.`] })
  }
  if (!(request.headers.get('content-type') ?? '').startsWith('application/json')) {
    throw new JiraFailure(415, { errorMessages: ["'Content-Type' has to be application/json."] })
  }
  const body = parsed(text)
  if (!isRecord(body)) throw badRequest('Invalid request payload. Refer to the REST API documentation and try again.')
  return body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // the caller says what is wrong with anything that is no object
    return undefined
  }
}

function respond({ status, body }: Answer): Response {
  // Jira names the type even where there is nothing
  const headers = { 'content-type': 'application/json;charset=UTF-8' }
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers })
}

function refuse(error: unknown): Response {
  const failure =
    error instanceof JiraFailure
      ? error
      : new JiraFailure(500, {
          errorMessages: [`Internal server error: ${error instanceof Error ? error.message : ''}`],
        })
  const { status, errorMessages, errors, headers } = failure
  return Response.json({ errorMessages, errors }, { status, headers })
}
