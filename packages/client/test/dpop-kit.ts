import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose'
import type { OAuthWorld } from './oauth-kit.ts'

/** Checks proofs as servers do. */
export interface ProofChecker {
  /** Thumbprints of the keys of tokens, by token. */
  readonly bound: Map<string, string>
  /** What was wrong with proofs, in order. */
  readonly faults: readonly string[]
  /** Claims of the proofs that were fine, in order. */
  readonly proofs: readonly JWTPayload[]
  /** The nonce that is wanted; undefined wants none. */
  authorizationNonce: string | undefined
  resourceNonce: string | undefined
  /** The time of the servers, in epoch milliseconds. */
  now: () => number
}

type Judged = { kind: 'fine'; thumbprint: string } | { kind: 'nonce' } | { kind: 'fault' }

/** Makes the authorization server bind its tokens, and the MCP server take tokens with a proof only. */
export function bindTokens({ login, server }: OAuthWorld): ProofChecker {
  const faults: string[] = []
  const proofs: JWTPayload[] = []
  const seen = new Set<unknown>()
  const checker: ProofChecker = {
    bound: new Map(),
    faults,
    proofs,
    authorizationNonce: undefined,
    resourceNonce: undefined,
    now: Date.now,
  }
  const give = login.pages.get('/token')
  login.tokenAnswer.token_type = 'DPoP'

  async function judge(
    request: Request,
    { nonce, token }: { nonce: string | undefined; token?: string },
  ): Promise<Judged> {
    try {
      const proof = request.headers.get('dpop') ?? ''
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ['ES256', 'EdDSA', 'PS256'],
        maxTokenAge: 60,
        clockTolerance: 5,
        currentDate: new Date(checker.now()),
      })
      const digest = new Bun.CryptoHasher('sha256').update(token ?? '').digest('base64url')
      const wanted = {
        htm: request.method,
        htu: request.url.split('?')[0],
        ath: token === undefined ? undefined : digest,
      }
      for (const [name, value] of Object.entries(wanted)) {
        if (payload[name] !== value) throw new Error(`${name} is ${payload[name]}, expected ${value}`)
      }
      if (typeof payload.jti !== 'string' || seen.has(payload.jti)) throw new Error('jti is missing or was seen before')
      seen.add(payload.jti)
      const { jwk } = protectedHeader
      if (jwk === undefined || 'd' in jwk) throw new Error('jwk is missing, or private')
      const thumbprint = await calculateJwkThumbprint(jwk)
      if (token !== undefined && checker.bound.get(token) !== thumbprint) throw new Error('the key is another one')
      if (nonce !== undefined && payload.nonce !== nonce) return { kind: 'nonce' }
      proofs.push(payload)
      return { kind: 'fine', thumbprint }
    } catch (cause) {
      faults.push(String(cause))
      return { kind: 'fault' }
    }
  }

  const headersWith = (nonce: string | undefined, error: string): Record<string, string> => ({
    'www-authenticate': `DPoP error="${error}", ${server.challenge}`,
    date: new Date(checker.now()).toUTCString(),
    ...(nonce !== undefined && { 'dpop-nonce': nonce }),
  })

  login.pages.set('/token', async (request) => {
    const nonce = checker.authorizationNonce
    const judged = await judge(request, { nonce })
    if (judged.kind !== 'fine') {
      const error = judged.kind === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof'
      return Response.json({ error }, { status: 400, headers: headersWith(nonce, error) })
    }
    const before = login.valid.size
    const answer = (await give?.(request)) ?? new Response(null, { status: 404 })
    const token = [...login.valid.keys()].at(-1)
    if (login.valid.size > before && token !== undefined) checker.bound.set(token, judged.thumbprint)
    return answer
  })
  server.pages.set('/mcp', async (request) => {
    const authorization = request.headers.get('authorization')
    const [scheme, token = ''] = authorization?.split(' ') ?? []
    if (scheme !== 'DPoP' || !login.valid.has(token)) {
      const challenge = { 'www-authenticate': `DPoP ${server.challenge}` }
      return new Response(null, { status: 401, headers: challenge })
    }
    const nonce = checker.resourceNonce
    const judged = await judge(request, { nonce, token })
    if (judged.kind === 'fine') return new Response('welcome')
    const error = judged.kind === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof'
    return new Response(null, { status: 401, headers: headersWith(nonce, error) })
  })
  return checker
}
