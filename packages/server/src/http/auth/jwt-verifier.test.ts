import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose'
import { fakeClock } from '../../../test/kit.ts'
import { type AuthInfo, InvalidTokenError } from './auth-info.ts'
import { forge, type Issuer, NOW, RESOURCE, startIssuer } from './issuer.test.kit.ts'
import { type JwtVerifierOptions, jwtVerifier } from './jwt-verifier.ts'

const seconds = NOW / 1000
const exportable = { extractable: true }

function verifierOf(issuer: Issuer, options: Partial<JwtVerifierOptions> = {}): (token: string) => Promise<AuthInfo> {
  const verifier = jwtVerifier({ issuer: issuer.url, jwksUrl: issuer.jwksUrl, now: () => NOW, ...options })
  return (token) => verifier.verify(token, { resource: RESOURCE })
}

/** The words a token is refused with; anything that is no refusal of the token fails the test. */
async function refusal(verification: Promise<AuthInfo>): Promise<string> {
  const thrown = await verification.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  if (thrown instanceof InvalidTokenError) return thrown.message
  throw thrown
}

describe.each(['ES256', 'RS256', 'EdDSA'] as const)('a token signed with %s', (algorithm) => {
  test('tells who is asking when issuer, audience, time and signature are right [MCP-285]', async () => {
    await using issuer = await startIssuer(algorithm)
    const token = await issuer.sign({ scope: 'files:read files:write', client_id: 'app' })
    const auth = await verifierOf(issuer)(token)
    expect(auth).toMatchObject({
      principal: `${issuer.url}#ada`,
      scopes: ['files:read', 'files:write'],
      clientId: 'app',
      expiresAt: NOW + 305_000,
    })
    expect(auth.claims?.sub).toBe('ada')
  })

  test('is refused when a byte of it was changed [MCP-285]', async () => {
    await using issuer = await startIssuer(algorithm)
    const [header = '', , signature = ''] = (await issuer.sign()).split('.')
    const [, claims = ''] = (await issuer.sign({ sub: 'eve' })).split('.')
    const verify = verifierOf(issuer)
    expect(await refusal(verify(`${header}.${claims}.${signature}`))).toBe('the signature of the access token is wrong')
  })
})

describe('claims', () => {
  test.each([
    ['one for another server', { aud: 'https://mcp.example.com/other' }, 'was issued for another server'],
    ['one for a path with a slash more', { aud: `${RESOURCE}/` }, 'was issued for another server'],
    ['one for the whole host', { aud: 'https://mcp.example.com' }, 'was issued for another server'],
    ['one for nobody', { aud: [] }, 'was issued for another server'],
    ['one without an audience', { aud: undefined }, 'has no claim aud'],
    ['one of another issuer', { iss: 'https://evil.example' }, 'comes from another issuer'],
    ['one without an issuer', { iss: undefined }, 'has no claim iss'],
    ['one without a subject', { sub: undefined }, 'has no claim sub'],
    ['one that was valid until now', { exp: seconds - 5 }, 'has expired'],
    ['one without an end', { exp: undefined }, 'has no claim exp'],
    ['one that is valid later', { nbf: seconds + 6 }, 'is not valid yet'],
  ])('%s is refused in words [MCP-286]', async (_, claims, words) => {
    await using issuer = await startIssuer()
    expect(await refusal(verifierOf(issuer)(await issuer.sign(claims)))).toBe(`the access token ${words}`)
  })

  test('one whose subject is no name, and one that is bound to a key, are refused in words', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer)
    expect(await refusal(verify(await issuer.sign({ sub: '' })))).toContain('sub of the access token is no name')
    expect(await refusal(verify(await issuer.sign({ cnf: { jkt: 'x' } })))).toContain('is bound to a key')
  })

  test('clocks may differ by the tolerance and no more', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer)
    expect((await verify(await issuer.sign({ exp: seconds - 4, nbf: seconds + 5 }))).principal).toEndWith('#ada')
    const strict = verifierOf(issuer, { clockToleranceSeconds: 0 })
    expect(await refusal(strict(await issuer.sign({ exp: seconds })))).toBe('the access token has expired')
  })

  test('one of several audiences is enough [MCP-286]', async () => {
    await using issuer = await startIssuer()
    const auth = await verifierOf(issuer)(await issuer.sign({ aud: ['https://x.example', RESOURCE] }))
    expect(auth.principal).toEndWith('#ada')
  })

  test('a server without a path is meant with and without the slash', async () => {
    await using issuer = await startIssuer()
    const verifier = jwtVerifier({ issuer: issuer.url, jwksUrl: issuer.jwksUrl, now: () => NOW })
    for (const aud of ['https://mcp.example.com', 'https://mcp.example.com/']) {
      const verified = verifier.verify(await issuer.sign({ aud }), { resource: 'https://mcp.example.com' })
      expect((await verified).principal).toEndWith('#ada')
    }
  })

  test('an audience that was configured takes the place of the server', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer, { audience: ['api://files'] })
    expect((await verify(await issuer.sign({ aud: 'api://files' }))).principal).toEndWith('#ada')
    expect(await refusal(verify(await issuer.sign()))).toBe('the access token was issued for another server')
  })

  test('claims that were asked for must be there', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer, { requiredClaims: ['tenant'] })
    expect(await refusal(verify(await issuer.sign()))).toBe('the access token has no claim tenant')
    expect((await verify(await issuer.sign({ tenant: 'a' }))).claims?.tenant).toBe('a')
  })

  test.each([
    ['a text in scope', { scope: 'a b  a' }, ['a', 'b']],
    ['a list in scp', { scp: ['a', 'b', 1] }, ['a', 'b']],
    ['a text in scp', { scp: 'a b' }, ['a', 'b']],
    ['an empty scope beside scp', { scope: '', scp: ['a'] }, []],
    ['an object in scope', { scope: { a: true } }, []],
    ['nothing', {}, []],
  ])('%s grants what it lists', async (_, claims, scopes) => {
    await using issuer = await startIssuer()
    expect((await verifierOf(issuer)(await issuer.sign(claims))).scopes).toEqual(scopes)
  })

  test('scopes come from the claim that was named and from no other', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer, { scopeClaim: 'permissions' })
    expect((await verify(await issuer.sign({ permissions: ['a'], scope: 'b' }))).scopes).toEqual(['a'])
  })
})

describe('kinds of tokens', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'JWT', undefined])('typ %p is an access token', async (typ) => {
    await using issuer = await startIssuer()
    expect((await verifierOf(issuer)(await issuer.sign({}, { typ }))).principal).toEndWith('#ada')
  })

  test.each(['oauth-id-jag+jwt', 'logout+jwt', 'dpop+jwt'])('typ %s is refused', async (typ) => {
    await using issuer = await startIssuer()
    expect(await refusal(verifierOf(issuer)(await issuer.sign({}, { typ })))).toBe(
      'the token is of another kind than an access token',
    )
  })

  test('what is no JWT is refused without asking the issuer for keys', async () => {
    await using issuer = await startIssuer()
    const verify = verifierOf(issuer)
    for (const token of ['opaque', 'a.b.c', 'a.b.c.d.e', forge({}, {}), forge({ alg: 'RS256', crit: ['x'] }, {})]) {
      expect(await refusal(verify(token))).toBe('the access token is no JSON Web Token that can be read')
    }
    expect(issuer.fetched).toEqual([])
  })
})

describe('algorithms', () => {
  const claims = { iss: 'x', aud: RESOURCE, sub: 'ada', exp: seconds + 300 }

  test('a token without a signature is refused [MCP-285]', async () => {
    await using issuer = await startIssuer()
    const unsigned = forge({ alg: 'none', typ: 'at+jwt' }, { ...claims, iss: issuer.url })
    expect(await refusal(verifierOf(issuer)(unsigned))).toContain('algorithm that is not accepted')
  })

  test('the public key of an issuer is no secret to sign with [MCP-285]', async () => {
    await using issuer = await startIssuer('RS256')
    const key = await importJWK(await issuer.publicKey(), 'RS256', { extractable: true })
    if (key instanceof Uint8Array) throw new Error('a public key was expected')
    const secret = new TextEncoder().encode(await exportSPKI(key))
    const token = await new SignJWT({ ...claims, iss: issuer.url })
      .setProtectedHeader({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })
      .sign(secret)
    expect(await refusal(verifierOf(issuer)(token))).toContain('algorithm that is not accepted')
  })

  test('a key that comes with the token is not used [MCP-285]', async () => {
    await using issuer = await startIssuer()
    await using attacker = await startIssuer()
    const forged = await attacker.sign({ iss: issuer.url }, { jwk: await attacker.publicKey(), jku: attacker.jwksUrl })
    expect(await refusal(verifierOf(issuer)(forged))).toBe('the signature of the access token is wrong')
    expect(attacker.fetched).toEqual([])
  })

  test('only the algorithms that were named are accepted', async () => {
    await using issuer = await startIssuer('ES256')
    const verify = verifierOf(issuer, { algorithms: ['RS256'] })
    expect(await refusal(verify(await issuer.sign()))).toContain('algorithm that is not accepted')
  })

  test('symmetric algorithms and none cannot be configured', () => {
    for (const algorithm of ['HS256', 'none', 'rs256']) {
      expect(() => jwtVerifier({ issuer: 'https://x.example', algorithms: [algorithm] })).toThrow(
        `got ${JSON.stringify(algorithm)}`,
      )
    }
    expect(() => jwtVerifier({ issuer: 'https://x.example', algorithms: [] })).toThrow('at least one')
  })
})

describe('keys', () => {
  test('a key that is new is fetched once, and made-up key ids cause no flood', async () => {
    await using issuer = await startIssuer()
    const clock = fakeClock()
    const verify = verifierOf(issuer, { clock })
    await verify(await issuer.sign())
    await verify(await issuer.sign())
    expect(issuer.fetched).toEqual(['/keys'])
    clock.advance(30_000)
    await issuer.rotate('second')
    const rotated = await issuer.sign()
    expect((await Promise.all([verify(rotated), verify(rotated)])).length).toBe(2)
    expect(issuer.fetched).toEqual(['/keys', '/keys'])
    for (const kid of ['made-up', 'another']) {
      expect(await refusal(verify(await issuer.sign({}, { kid })))).toBe(
        'the access token is signed by a key its issuer does not have',
      )
    }
    expect(issuer.fetched).toHaveLength(2)
    clock.advance(30_000)
    expect(await refusal(verify(await issuer.sign({}, { kid: 'made-up' })))).toContain('does not have')
    expect(issuer.fetched).toHaveLength(3)
  })

  test('keys are fetched again when they are old, and a key that was withdrawn is no longer one', async () => {
    await using issuer = await startIssuer()
    const clock = fakeClock()
    const verify = verifierOf(issuer, { clock })
    const before = await issuer.sign()
    await verify(before)
    await issuer.rotate('second')
    expect((await verify(before)).principal).toEndWith('#ada')
    clock.advance(10 * 60_000)
    expect(await refusal(verify(before))).toContain('does not have')
  })

  test('a token that does not name its key is tried with those that fit', async () => {
    await using issuer = await startIssuer()
    const other = await startIssuer()
    const keys = [await other.publicKey(), await issuer.publicKey()]
    issuer.pages.set('/keys', () => Response.json({ keys }))
    await other[Symbol.asyncDispose]()
    const verify = verifierOf(issuer)
    const unnamed = { kid: undefined }
    expect((await verify(await issuer.sign({}, unnamed))).principal).toEndWith('#ada')
    await issuer.rotate('first')
    expect(await refusal(verify(await issuer.sign({}, unnamed)))).toContain('signature')
    expect(await refusal(verify(await issuer.sign({ exp: 1 }, unnamed)))).toContain('signature')
  })

  test('keys that were given are used and nothing is fetched', async () => {
    await using issuer = await startIssuer()
    const jwks = { keys: [await issuer.publicKey()] }
    const verifier = jwtVerifier({ issuer: issuer.url, jwks, now: () => NOW })
    const auth = await verifier.verify(await issuer.sign(), { resource: RESOURCE })
    expect(auth.principal).toBe(`${issuer.url}#ada`)
    expect(issuer.fetched).toEqual([])
  })

  test('keys are found through the metadata of the issuer', async () => {
    await using issuer = await startIssuer()
    const verifier = jwtVerifier({ issuer: issuer.url, now: () => NOW })
    expect((await verifier.verify(await issuer.sign(), { resource: RESOURCE })).principal).toEndWith('#ada')
    expect(issuer.fetched).toEqual(['/.well-known/oauth-authorization-server', '/keys'])
  })

  test.each([
    [
      'a private key',
      async () => crypto.subtle.exportKey('jwk', (await generateKeyPair('ES256', exportable)).privateKey),
    ],
    ['a point that is on no curve', async () => ({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })],
  ])('%s is the fault of the issuer and not of the token', async (_, badKey) => {
    await using issuer = await startIssuer()
    const { key_ops, ext, ...jwk }: JsonWebKey = await badKey()
    issuer.pages.set('/keys', () => Response.json({ keys: [{ ...jwk, kid: 'first' }] }))
    await expect(verifierOf(issuer)(await issuer.sign())).rejects.not.toBeInstanceOf(InvalidTokenError)
  })

  test('keys that are no keys are the fault of the issuer', async () => {
    await using issuer = await startIssuer()
    issuer.pages.set('/keys', () => Response.json({ keys: 'none' }))
    await expect(verifierOf(issuer)(await issuer.sign())).rejects.toThrow(`${issuer.jwksUrl} is no JSON Web Key Set`)
  })
})

test('whatever happens to the characters of a token, it is refused as a token [MCP-285]', async () => {
  await using issuer = await startIssuer()
  const verify = verifierOf(issuer)
  const token = await issuer.sign()
  // the bits behind the last byte of the signature belong to nobody
  const place = fc.integer({ min: 0, max: token.length - 2 })
  await fc.assert(
    fc.asyncProperty(place, fc.constantFrom('A', 'z', '9', '-', '.', '='), async (index, character) => {
      fc.pre(token[index] !== character)
      const changed = token.slice(0, index) + character + token.slice(index + 1)
      expect(await refusal(verify(changed))).not.toContain(token)
    }),
    { numRuns: 300 },
  )
})

test('options that protect nothing are refused by name [MCP-288]', () => {
  const issuer = 'https://login.example.com'
  expect(() => jwtVerifier({ issuer: 'http://login.example.com' })).toThrow('issuer must be https')
  expect(() => jwtVerifier({ issuer, jwksUrl: 'http://login.example.com/keys' })).toThrow('jwksUrl must be https')
  expect(() => jwtVerifier({ issuer, jwks: { keys: [] }, jwksUrl: `${issuer}/keys` })).toThrow('not both')
  expect(() => jwtVerifier({ issuer, clockToleranceSeconds: -1 })).toThrow('clockToleranceSeconds must be at least 0')
})

test('what it needs is loaded when a server is set up with it, and nothing is fetched for that', async () => {
  const fetched: unknown[] = []
  const verifier = jwtVerifier({
    issuer: 'https://login.example.com',
    fetch: async (url) => {
      fetched.push(url)
      return new Response('{}')
    },
  })
  expect(await verifier.prepare?.()).toBeUndefined()
  expect(fetched).toEqual([])
  expect(verifier.prepare).toBeDefined()
})
