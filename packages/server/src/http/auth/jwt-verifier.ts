import { type Clock, type JsonObject, systemClock } from '@bao-mcp/protocol/engine'
import { atLeast } from '../../at-least.ts'
import type { TokenVerifier } from './auth-info.ts'
import type { Fetch } from './fetch-document.ts'
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts'
import { authInfoOf } from './jwt-claims.ts'
import { faultOf } from './jwt-fault.ts'
import { type Jose, loadJose } from './load-jose.ts'
import { secureUrl } from './secure-url.ts'

/** A JSON Web Key Set with the public keys of an issuer. */
export interface JwkSet {
  keys: JsonObject[]
}

/** Whose tokens are accepted, for whom, and where the keys are. */
export interface JwtVerifierOptions {
  /** The issuer exactly as it writes itself into its tokens, a slash at the end included. */
  issuer: string
  /**
   * What the `aud` of a token must hold one of. Default: the server's canonical URI, for one without a path also with a
   * slash. Give it only for an issuer that names this server otherwise.
   */
  audience?: string | readonly string[]
  /** Where the issuer's keys are. Default: what its metadata says. */
  jwksUrl?: string | URL
  /** The issuer's keys themselves; nothing is fetched then. */
  jwks?: JwkSet
  /** Signature algorithms that are accepted. Default: all asymmetric ones. */
  algorithms?: readonly string[]
  /** Seconds by which clocks may differ. Default 5. */
  clockToleranceSeconds?: number
  /** The claim with the scopes, a list or a text with spaces. Default: `scope`, else `scp`. */
  scopeClaim?: string
  /** Claims a token must have besides `iss`, `aud`, `sub` and `exp`. */
  requiredClaims?: readonly string[]
  /** Milliseconds one document of the issuer may take. Default 5 s. */
  fetchTimeoutMs?: number
  /** Bytes one document of the issuer may have. Default 512 KiB. */
  maxDocumentBytes?: number
  /** Milliseconds after which keys are fetched again. Default 10 min. */
  jwksMaxAgeMs?: number
  /** Milliseconds between two fetches of keys, whatever keys tokens name. Default 30 s. */
  jwksCooldownMs?: number
  /** Fetches the documents of the issuer. Default: the platform's. */
  fetch?: Fetch
  clock?: Clock
  /** Epoch milliseconds; tokens expire by it. Default: the system's. */
  now?: () => number
}

type Verified = Pick<Awaited<ReturnType<Jose['jwtVerify']>>, 'payload' | 'protectedHeader'>
type KeySet = ReturnType<Jose['createLocalJWKSet']>
type Algorithm = (typeof ALGORITHMS)[number]
type KeyOf = Awaited<ReturnType<KeySet>>
type Checks = NonNullable<Parameters<Jose['jwtVerify']>[2]>

/** A secret shared with an issuer could sign tokens as well as check them, so algorithms that use one are not among them. */
const ALGORITHMS = [
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
] as const
const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'exp']
const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5
const DEFAULT_FETCH_TIMEOUT_MS = 5000
const DEFAULT_MAX_DOCUMENT_BYTES = 512 * 1024
const DEFAULT_JWKS_MAX_AGE_MS = 10 * 60_000
const DEFAULT_JWKS_COOLDOWN_MS = 30_000
/** How long old keys outlive an issuer that cannot be reached. */
const OUTAGE_MS = 60 * 60_000
/** Keys that are tried for a token that does not say which one it was signed with. */
const MAX_CANDIDATES = 8

/**
 * Verifies JSON Web Tokens of one issuer with `jose`, an optional peer dependency. A server that is set up with it loads that, and its log
 * says when it is missing. A token must be signed by a key of the issuer and be valid now, and its audience must be this server.
 * @throws {TypeError} for an issuer or a key URL that is not https (or http on loopback), and for `none` and symmetric algorithms
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export function jwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const {
    issuer,
    algorithms = ALGORITHMS,
    clockToleranceSeconds = DEFAULT_CLOCK_TOLERANCE_SECONDS,
    scopeClaim,
    now = Date.now,
  } = options
  secureUrl(issuer, 'jwtVerifier: issuer')
  const accepted = algorithms.map(asymmetric)
  if (accepted.length === 0) throw new TypeError('jwtVerifier: algorithms must name at least one')
  atLeast(0, 'jwtVerifier: clockToleranceSeconds', clockToleranceSeconds)
  const keysWith = keySource(options)
  const audience = options.audience === undefined ? undefined : [options.audience].flat()
  const requiredClaims = [...REQUIRED_CLAIMS, ...(options.requiredClaims ?? [])]
  let ready: Promise<{ jose: Jose; keys: IssuerKeys<KeySet> }> | undefined

  function prepare(): Promise<{ jose: Jose; keys: IssuerKeys<KeySet> }> {
    ready ??= loadJose().then(
      (jose) => ({ jose, keys: keysWith(jose) }),
      (fault: unknown) => {
        // whoever installs it need not start again
        ready = undefined
        throw fault
      },
    )
    return ready
  }

  return {
    async prepare() {
      await prepare()
    },
    async verify(token, { resource }) {
      const { jose, keys } = await prepare()
      const checks: Checks = {
        issuer,
        audience: audience ?? namesOf(resource),
        algorithms: accepted,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now()),
        requiredClaims,
      }
      try {
        const { payload, protectedHeader } = await verifySigned(jose, keys, token, checks)
        return authInfoOf({ payload, typ: protectedHeader.typ, issuer, scopeClaim, clockToleranceSeconds })
      } catch (thrown) {
        throw faultOf(thrown, jose)
      }
    },
  }
}

function asymmetric(name: string): Algorithm {
  const known = ALGORITHMS.find((algorithm) => algorithm === name)
  if (known !== undefined) return known
  throw new TypeError(`jwtVerifier: algorithms must be among ${ALGORITHMS.join(', ')}, got ${JSON.stringify(name)}`)
}

/** An empty path and a slash are one URI (RFC 3986 section 6.2.3); anywhere else a slash makes another name. */
function namesOf(resource: string): string[] {
  return new URL(resource).origin === resource ? [resource, `${resource}/`] : [resource]
}

/** Checks the options now, and makes the keys when `jose` is there. */
function keySource(options: JwtVerifierOptions): (jose: Jose) => IssuerKeys<KeySet> {
  const { issuer, jwks, clock = systemClock } = options
  if (jwks !== undefined && options.jwksUrl !== undefined) {
    throw new TypeError('jwtVerifier: give jwks or jwksUrl, not both')
  }
  const jwksUrl = options.jwksUrl === undefined ? undefined : secureUrl(options.jwksUrl, 'jwtVerifier: jwksUrl')
  const limits = {
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutMs: atLeast(1, 'jwtVerifier: fetchTimeoutMs', options.fetchTimeoutMs ?? DEFAULT_FETCH_TIMEOUT_MS),
    maxBytes: atLeast(1, 'jwtVerifier: maxDocumentBytes', options.maxDocumentBytes ?? DEFAULT_MAX_DOCUMENT_BYTES),
    maxAgeMs: atLeast(0, 'jwtVerifier: jwksMaxAgeMs', options.jwksMaxAgeMs ?? DEFAULT_JWKS_MAX_AGE_MS),
    cooldownMs: atLeast(0, 'jwtVerifier: jwksCooldownMs', options.jwksCooldownMs ?? DEFAULT_JWKS_COOLDOWN_MS),
  }
  return ({ createLocalJWKSet }) => {
    // proof: it checks the shape of the set itself, and that of each key when it is used
    const compile = (set: unknown): KeySet => createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0])
    if (jwks !== undefined) return fixedKeys(compile(jwks))
    return createIssuerKeys({ issuer, jwksUrl, clock, compile, outageMs: OUTAGE_MS, ...limits })
  }
}

function fixedKeys(keys: KeySet): IssuerKeys<KeySet> {
  return { current: async () => keys, newerThan: async () => undefined }
}

/** @throws what `jose` throws for the token, and a DocumentError when there are no keys */
async function verifySigned(jose: Jose, keys: IssuerKeys<KeySet>, token: string, checks: Checks): Promise<Verified> {
  const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys, JWSSignatureVerificationFailed } = jose.errors
  async function findKey(...asked: Parameters<KeySet>): Promise<KeyOf> {
    const known = await keys.current()
    try {
      return await known(...asked)
    } catch (thrown) {
      if (!(thrown instanceof JWKSNoMatchingKey)) throw thrown
      const newer = await keys.newerThan(known)
      if (newer === undefined) throw thrown
      return await newer(...asked)
    }
  }
  let ambiguous: AsyncIterable<KeyOf>
  try {
    return await jose.jwtVerify(token, findKey, checks)
  } catch (thrown) {
    if (!(thrown instanceof JWKSMultipleMatchingKeys)) throw thrown
    ambiguous = thrown
  }
  let tried = 0
  for await (const key of ambiguous) {
    if (++tried > MAX_CANDIDATES) break
    try {
      return await jose.jwtVerify(token, key, checks)
    } catch (thrown) {
      if (!(thrown instanceof JWSSignatureVerificationFailed)) throw thrown
    }
  }
  throw new JWSSignatureVerificationFailed()
}
