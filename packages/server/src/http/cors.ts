const EXPOSED = 'mcp-session-id, www-authenticate, retry-after'
const METHODS = 'POST, GET, DELETE, OPTIONS'
/** What a page may send where it did not say what it wants to. */
const HEADERS =
  'authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id'
/** Names of headers, as RFC 9110 spells them. */
const HEADER_LIST = /^[\w!#$%&'*+.^`|~\-, ]{1,8192}$/

/** Lets the page that was let in read the answer. */
export function allowPage(response: Response, origin: string): Response {
  const { headers } = response
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-expose-headers', EXPOSED)
  headers.append('vary', 'origin')
  return response
}

/** Answers what a browser asks before it lets a page call. @see https://fetch.spec.whatwg.org/#http-cors-protocol */
export function preflight(request: Request): Response {
  const asked = request.headers.get('access-control-request-headers')
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': asked !== null && HEADER_LIST.test(asked) ? asked : HEADERS,
      'access-control-max-age': '600',
    },
  })
}
