import type { Clock, JsonObject } from '@bao-mcp/protocol/engine'
import { DocumentError, type FetchLimits, fetchDocument } from './fetch-document.ts'
import { discoverJwksUrl } from './issuer-metadata.ts'

/** The keys of an issuer, as they change. */
export interface IssuerKeys<K> {
  /** @throws {DocumentError} when there are none and none can be had */
  current(): Promise<K>
  /**
   * Asks for a key that is missing in `seen`: other keys when there are any to be had by now, undefined when the issuer
   * was asked a moment ago and gave these.
   * @throws {DocumentError}
   */
  newerThan(seen: K): Promise<K | undefined>
}

export interface IssuerKeysOptions<K> extends FetchLimits {
  issuer: string
  /** Where the keys are; found through the issuer's metadata when it is not given. */
  jwksUrl: URL | undefined
  clock: Clock
  /** Makes the keys ready for use. @throws for a document that holds none */
  compile(document: JsonObject): K
  /** Milliseconds after which keys are fetched again. */
  maxAgeMs: number
  /** Milliseconds between two fetches, so that made-up key ids cannot make this side flood the issuer. */
  cooldownMs: number
  /** Milliseconds for which old keys are used while the issuer cannot be reached. */
  outageMs: number
}

/** An issuer that did not answer is asked again sooner than one that did. */
const RETRY_AFTER_FAILURE_MS = 3000

/** Keys that are fetched when they are needed, by one fetch for all who wait, and no more often than the cooldown allows. */
export function createIssuerKeys<K>(options: IssuerKeysOptions<K>): IssuerKeys<K> {
  const { issuer, clock, compile, maxAgeMs, cooldownMs, outageMs } = options
  let { jwksUrl } = options
  let held: { keys: K; fetchedAt: number } | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let fetching: Promise<K> | undefined

  function fetchKeys(): Promise<K> {
    fetching ??= download().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  async function download(): Promise<K> {
    triedAt = clock.now()
    failure = undefined
    try {
      const url = jwksUrl ?? (await discoverJwksUrl(issuer, options))
      const keys = compileDocument(await fetchDocument(url, options), url)
      // asked again only after it once led nowhere
      jwksUrl = url
      held = { keys, fetchedAt: clock.now() }
      return keys
    } catch (thrown) {
      jwksUrl = options.jwksUrl
      failure = thrown
      throw thrown
    }
  }

  function compileDocument(document: JsonObject, url: URL): K {
    try {
      return compile(document)
    } catch (cause) {
      throw new DocumentError(`${url.href} is no JSON Web Key Set`, { cause })
    }
  }

  function isCool(): boolean {
    const waitMs = failure === undefined ? cooldownMs : Math.min(cooldownMs, RETRY_AFTER_FAILURE_MS)
    return clock.now() - triedAt >= waitMs
  }

  return {
    async current() {
      const age = held === undefined ? Number.POSITIVE_INFINITY : clock.now() - held.fetchedAt
      if (held !== undefined && age < maxAgeMs) return held.keys
      if (fetching === undefined && failure !== undefined && !isCool()) {
        if (held !== undefined && age < outageMs) return held.keys
        throw failure
      }
      try {
        return await fetchKeys()
      } catch (thrown) {
        if (held !== undefined && age < outageMs) return held.keys
        throw thrown
      }
    },
    async newerThan(seen) {
      if (held !== undefined && held.keys !== seen) return held.keys
      if (fetching === undefined && !isCool()) return undefined
      const keys = await fetchKeys()
      return keys === seen ? undefined : keys
    },
  }
}
