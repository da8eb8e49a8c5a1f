import type { TokenProof } from './token-proof.ts'

/** What proofs toward one server have to hold. */
export interface DpopServer {
  readonly nonce: string | undefined
  /** How far its clock is ahead, in milliseconds. */
  readonly skewMs: number
}

/** Remembers what servers want of proofs, by origin. */
export interface DpopServers {
  of(url: URL): DpopServer
  /** As {@link TokenProof.learn}. */
  readonly learn: TokenProof['learn']
}

/** Servers that are remembered; past it the oldest goes. */
const MAX_SERVERS = 100
/** Longest nonce that is sent back, in characters. */
const MAX_NONCE_LENGTH = 1024
/** Clocks that differ less are not the reason for a refusal, in milliseconds. */
const MIN_SKEW_MS = 30_000

const UNKNOWN: DpopServer = { nonce: undefined, skewMs: 0 }
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * @param now epoch milliseconds
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-8
 */
export function createDpopServers(now: () => number): DpopServers {
  const servers = new Map<string, DpopServer>()

  function remember(origin: string, server: DpopServer): void {
    servers.delete(origin)
    servers.set(origin, server)
    const [oldest] = servers.keys()
    if (servers.size > MAX_SERVERS && oldest !== undefined) servers.delete(oldest)
  }

  return {
    of: ({ origin }) => servers.get(origin) ?? UNKNOWN,
    learn({ headers, error, sent }, { origin }) {
      const known = servers.get(origin) ?? UNKNOWN
      const given = readNonce(headers)
      if (given !== undefined && given !== known.nonce) remember(origin, { ...known, nonce: given })
      if (sent !== undefined && sent.dpop === undefined) return false
      if (error === 'use_dpop_nonce') {
        // a server that wants another nonce than the one it wants will never be content
        return given !== undefined && nonceOf(sent?.dpop) !== given
      }
      const date = error === 'invalid_dpop_proof' ? Date.parse(headers.get('date') ?? '') : Number.NaN
      // for proofs toward that server only, so what it says of the time can mislead nobody but itself
      const skewMs = date - now()
      if (Number.isNaN(skewMs) || Math.abs(skewMs - known.skewMs) < MIN_SKEW_MS) return false
      remember(origin, { nonce: given ?? known.nonce, skewMs })
      return true
    },
  }
}

function readNonce(headers: Headers): string | undefined {
  const nonce = headers.get('dpop-nonce')
  return nonce !== null && nonce.length <= MAX_NONCE_LENGTH && NONCE.test(nonce) ? nonce : undefined
}

/** The nonce of a proof that was made here. */
function nonceOf(proof: string | undefined): string | undefined {
  const payload = proof?.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims !== null && 'nonce' in claims ? String(claims.nonce) : undefined
  } catch {
    // somebody else's proof says nothing of what was sent from here
    return undefined
  }
}
