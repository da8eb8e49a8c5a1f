import { INTERNAL_ERROR, INVALID_PARAMS, type JsonObject, RpcError } from '@bao-mcp/protocol/engine'
import { digestOf, fromBase64Url, toBase64Url } from '../digest.ts'
import type { Hub } from '../hub/port.ts'
import type { MemoryKeeper, RoundMemory } from './memory.ts'

export const DEFAULT_STATE_TTL_MS: number = 10 * 60_000
export const DEFAULT_MAX_STATE_BYTES: number = 16 * 1024

/** Keys, lifetime and size of the state that travels with a client between rounds. */
export interface SealOptions {
  /**
   * Secrets of at least 32 characters; the first seals, all of them open, so that keys can be rotated. Without any, a
   * random one on which all processes agree that serve a definition of this name over one hub. It lies in the hub in plain
   * text; who can read the hub of a shared deployment, and must not read state, is kept out by keys given here.
   */
  keys?: readonly string[]
  /** Milliseconds a client may take to come back. Default 10 minutes. */
  ttlMs?: number
  /** Longest state that travels through the client; a longer one is put into the hub and travels by reference. */
  maxStateBytes?: number
  /** False where the hub is not shared by all processes that could serve the next round. Default true. */
  byReference?: boolean
}

/** The request a state belongs to: another request, or another principal, cannot use it. */
export interface StateOwner {
  principal: string | undefined
  method: string
  params: JsonObject | undefined
}

/** Makes keepers whose memory travels through the client, encrypted and authenticated. */
export interface Sealer {
  keeperFor(owner: StateOwner): MemoryKeeper
}

interface Sealed {
  /** Wall-clock milliseconds. */
  expires: number
  nonce: string
  principal: string | undefined
  request: string
  memory: RoundMemory
}

const IV_BYTES = 12
const MIN_SECRET_LENGTH = 32
const REFERENCE = 'ref.'

/**
 * AES-256-GCM over the memory, its expiry, the principal and a digest of the request, so that any process with the key
 * can serve any round and nobody else can read, change or move the state.
 * @param now wall-clock milliseconds, which other processes share
 * @param name of the definition, under which processes agree on a key where none are given
 * @throws {TypeError} when a secret is too short
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#security
 */
export function createSealer(hub: Hub, now: () => number, options: SealOptions = {}, name: string = ''): Sealer {
  const { ttlMs = DEFAULT_STATE_TTL_MS, maxStateBytes = DEFAULT_MAX_STATE_BYTES, byReference = true } = options
  const secrets = options.keys ?? []
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH) {
      throw new TypeError(`a state key needs at least ${MIN_SECRET_LENGTH} characters, got ${secret.length}`)
    }
  }
  let imported: Promise<CryptoKey[]> | undefined
  const keys = (): Promise<CryptoKey[]> => {
    imported ??= importKeys().catch((error: unknown) => {
      // a hub that is back later must be asked again
      imported = undefined
      throw error
    })
    return imported
  }

  async function importKeys(): Promise<CryptoKey[]> {
    const used = secrets.length > 0 ? secrets : [await hub.agree(`state key ${name}`, randomSecret())]
    return Promise.all(used.map(importSecret))
  }

  async function seal(sealed: Sealed): Promise<string> {
    const [key] = await keys()
    if (key === undefined) throw new RpcError(INTERNAL_ERROR, 'there is no key to seal state with')
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    const data = new TextEncoder().encode(JSON.stringify(sealed))
    const cipher = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, data))
    const joined = new Uint8Array(IV_BYTES + cipher.length)
    joined.set(iv)
    joined.set(cipher, IV_BYTES)
    return toBase64Url(joined)
  }

  async function open(text: string): Promise<Sealed> {
    let bytes: Uint8Array<ArrayBuffer>
    try {
      bytes = fromBase64Url(text)
    } catch {
      // whatever is wrong with it, the client is told the same
      throw unusable()
    }
    const iv = bytes.subarray(0, IV_BYTES)
    for (const key of await keys()) {
      try {
        const data = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes.subarray(IV_BYTES))
        // proof: only seal() above makes texts that decrypt under our key
        return JSON.parse(new TextDecoder().decode(data)) as Sealed
      } catch {
        // sealed under another key, or tampered with: the loop tells which
      }
    }
    throw unusable()
  }

  return {
    keeperFor({ principal, method, params }) {
      let digest: Promise<string> | undefined
      const request = (): Promise<string> => {
        digest ??= digestOf([method, withoutRound(params)])
        return digest
      }
      return {
        async save(memory) {
          const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(16)))
          const expires = now() + ttlMs
          const text = await seal({ expires, nonce, principal, request: await request(), memory })
          if (text.length <= maxStateBytes) return text
          if (!byReference) {
            const message = `the state of this call takes ${text.length} bytes, over the limit of ${maxStateBytes} (maxStateBytes)`
            throw new RpcError(INTERNAL_ERROR, message)
          }
          await hub.put(`state ${nonce}`, text, ttlMs)
          return REFERENCE + nonce
        },
        async load(state, singleUse) {
          const text = state.startsWith(REFERENCE) ? await hub.get(`state ${state.slice(REFERENCE.length)}`) : state
          if (text === undefined) throw unusable()
          const sealed = await open(text)
          if (sealed.expires <= now()) throw new RpcError(INVALID_PARAMS, 'params.requestState has expired')
          if (sealed.principal !== principal || sealed.request !== (await request())) throw unusable()
          if (singleUse && !(await hub.claim(`state ${sealed.nonce}`, ttlMs))) {
            throw new RpcError(
              INVALID_PARAMS,
              'params.requestState was used before, and this tool runs once per answer',
            )
          }
          return sealed.memory
        },
      }
    },
  }
}

function unusable(): RpcError {
  return new RpcError(INVALID_PARAMS, 'params.requestState is not one this server gave out for this request')
}

function withoutRound(params: JsonObject | undefined): JsonObject {
  const { _meta, inputResponses, requestState, ...rest } = params ?? {}
  return rest
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const raw = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function randomSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}
