import type { MaybePromise } from '@bao-mcp/protocol/engine'

/** A request that is to show that the token belongs to whoever sends it. */
export interface ProvenRequest {
  readonly method: string
  readonly url: URL
  /** The token it carries; none toward a token endpoint. */
  readonly accessToken?: string | undefined
}

/** Binds tokens to a key: every request carries a proof of its own. */
export interface TokenProof {
  /** The `token_type` of its tokens and the scheme they are sent with, such as `DPoP`. */
  readonly scheme: string
  /** True when a token that is not bound must not be used. Default false. */
  readonly required?: boolean | undefined
  /** Headers of one request; a new proof each time. */
  headers(request: ProvenRequest): MaybePromise<Readonly<Record<string, string>>>
  /**
   * Told of an answer. True when it asks for another proof, such as one with the nonce it brought, so that sending the
   * request once more may help.
   */
  learn(
    answer: {
      readonly status: number
      readonly headers: Headers
      readonly error: string | undefined
      /** Headers the request was sent with, where they are known. */
      readonly sent: Readonly<Record<string, string>> | undefined
    },
    url: URL,
  ): boolean
}
