import { expect, test } from 'bun:test'
import { oauthHere, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import type { TokenProof } from './token-proof.ts'

/** A proof that is a sentence and not a signature. */
function sentences(): TokenProof {
  let count = 0
  let nonce = 'none'
  return {
    scheme: 'DPoP',
    headers: ({ method, url, accessToken = 'no token' }) => ({
      dpop: `${++count} ${method} ${url.pathname} ${accessToken} ${nonce}`,
    }),
    learn({ headers, error }) {
      const next = headers.get('dpop-nonce')
      if (error !== 'use_dpop_nonce' || next === null || next === nonce) return false
      nonce = next
      return true
    },
  }
}

test('tokens that are bound to a key are sent with a proof each time, and once more when the server wants another', async () => {
  await using world = startOAuthWorld()
  const { login, server } = world
  login.tokenAnswer.token_type = 'DPoP'
  const proofs: (string | null)[] = []
  server.pages.set('/mcp', ({ headers }) => {
    const proof = headers.get('dpop')
    proofs.push(proof)
    const known = login.valid.has(headers.get('authorization')?.replace(/^DPoP /, '') ?? '')
    const challenge = known ? 'DPoP error="use_dpop_nonce"' : `DPoP ${server.challenge}`
    if (proof?.endsWith(' n1') === true && known) return new Response('welcome')
    return new Response(null, { status: 401, headers: { 'www-authenticate': challenge, 'dpop-nonce': 'n1' } })
  })
  const authorizer = oauthHere({ proof: sentences() })
  expect((await send(authorizer, server.mcp)).status).toBe(200)
  expect((await send(authorizer, server.mcp)).status).toBe(200)
  const [token] = login.given
  expect(proofs).toEqual([null, `2 POST /mcp ${token} none`, `3 POST /mcp ${token} n1`, `4 POST /mcp ${token} n1`])
  expect(login.logins).toHaveLength(1)
})

test('a server that wants a new proof for ever is given up', async () => {
  await using world = startOAuthWorld()
  const { server } = world
  const authorizer = oauthHere({ proof: { ...sentences(), learn: (_, { pathname }) => pathname === '/mcp' } })
  const answer = { status: 401, headers: new Headers({ 'www-authenticate': 'DPoP error="use_dpop_nonce"' }) }
  const request = { method: 'POST', url: server.mcp }
  let repeats = 0
  while (world.login.logins.length === 0) {
    await authorizer.challenged(answer, request)
    repeats++
  }
  expect(repeats).toBe(101)
})
