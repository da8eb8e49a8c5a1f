import type { HttpServer } from './http-server.ts'
import {
  callBodies,
  callHeaders,
  endRequest,
  type Headers,
  initializedRequest,
  initializeRequest,
  messageIn,
} from './http-wire.ts'
import { RefusedError } from './pipe-driver.ts'
import { type Era, faultOf, REVISION } from './wire.ts'

/** Answers to `tools/call` that are known to be right. */
export interface Verified {
  readonly headers: Headers
  readonly bodies: readonly string[]
  /** Bytes of the shortest answer, without its head. */
  readonly shortestAnswer: number
  /** Whether the server has answered the handshake with a session. */
  readonly keepsSession: boolean
}

/** Opens a legacy session.
 *  @returns its id; undefined where the server stands alone from request to request
 *  @throws {RefusedError} when the server settles on another revision
 *  @throws {Error} when the handshake fails */
export async function openSession(server: HttpServer): Promise<string | undefined> {
  const response = await server.send(initializeRequest())
  await expectStatus(response, 200, 'initialize')
  // proof: whatever is no answer to an initialize has no such member, and is refused just below
  const answer = messageIn(response.headers.get('content-type'), await response.text()) as {
    result?: { protocolVersion?: unknown }
  }
  const spoken = answer.result?.protocolVersion
  if (spoken !== REVISION.legacy) throw new RefusedError(`answers the handshake with ${spoken}`)
  const session = response.headers.get('mcp-session-id') ?? undefined
  const initialized = await server.send(initializedRequest(session))
  await expectStatus(initialized, 202, 'notifications/initialized')
  await initialized.arrayBuffer()
  return session
}

/** @throws {RefusedError} when the server has no sessions */
export async function openRealSession(server: HttpServer): Promise<string> {
  const session = await openSession(server)
  if (session === undefined) throw new RefusedError('keeps no sessions')
  return session
}

export async function endSession(server: HttpServer, session: string): Promise<void> {
  const response = await server.send(endRequest(session))
  if (!response.ok) await expectStatus(response, 204, 'DELETE')
}

/** Calls `echo` once with every text and compares each answer with what was sent.
 *  @throws {Error} on the first one that is wrong */
export async function verifyCalls(server: HttpServer, era: Era, texts: readonly string[]): Promise<Verified> {
  const session = era === 'legacy' ? await openSession(server) : undefined
  const headers = callHeaders(era, session)
  const bodies = callBodies(era, texts)
  let shortestAnswer = Number.POSITIVE_INFINITY
  for (const [id, body] of bodies.entries()) {
    const response = await server.send({ method: 'POST', headers, body })
    await expectStatus(response, 200, 'tools/call')
    const text = await response.text()
    // proof: faultOf tolerates any result, and whatever is no answer to this id is refused here
    const answer = messageIn(response.headers.get('content-type'), text) as { id?: unknown; result?: unknown }
    const fault = answer.id === id ? faultOf(answer.result, texts[id] ?? '') : `the id is not ${id}`
    if (fault !== undefined) throw new Error(`call ${id}: ${fault}: ${text.slice(0, 300)}`)
    shortestAnswer = Math.min(shortestAnswer, Buffer.byteLength(text))
  }
  return { headers, bodies, shortestAnswer, keepsSession: session !== undefined }
}

async function expectStatus(response: Response, status: number, what: string): Promise<void> {
  if (response.status === status) return
  throw new Error(`${what} was answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
}
