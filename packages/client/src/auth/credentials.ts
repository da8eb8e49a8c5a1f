import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** A token and what has to be known to renew it, as a store keeps it. */
export interface Credentials {
  /** The authorization server that gave it; of use at no other. */
  readonly issuer: string
  readonly resource: string
  readonly clientId: string
  /** Names the login it comes from; stays through refreshes and is no secret. */
  readonly login: string
  readonly accessToken: string
  readonly tokenType: string
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined
  readonly refreshToken: string | undefined
  /** Scopes that were asked for, over all logins. */
  readonly requested: readonly string[]
  /** Scopes the token has, as far as the authorization server told. */
  readonly granted: readonly string[]
  /** Epoch milliseconds. */
  readonly obtainedAt: number
  readonly by: 'login' | 'refresh'
  /** When the login was that it comes from, in epoch milliseconds. */
  readonly loggedInAt: number
  /** Where the metadata of the resource was, when a challenge named the place. */
  readonly resourceMetadata: string | undefined
}

/** How an authorization server knows this client. */
export interface Registration {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly authMethod: string | undefined
  readonly redirectUris: readonly string[]
  /** Epoch milliseconds. */
  readonly secretExpiresAt: number | undefined
}

/** What a store gave; undefined when it is missing or not of this shape, such as that of another version. */
export function parseCredentials(text: string | undefined): Credentials | undefined {
  const { issuer, resource, clientId, login, accessToken, tokenType, expiresAt, refreshToken, ...rest } = parse(text)
  const { requested, granted, obtainedAt, by, loggedInAt, resourceMetadata } = rest
  const complete =
    isText(issuer) &&
    isText(resource) &&
    isText(clientId) &&
    isText(login) &&
    isText(accessToken) &&
    isText(tokenType) &&
    isOptionalNumber(expiresAt) &&
    isOptionalText(refreshToken) &&
    isTexts(requested) &&
    isTexts(granted) &&
    typeof obtainedAt === 'number' &&
    (by === 'login' || by === 'refresh') &&
    typeof loggedInAt === 'number' &&
    isOptionalText(resourceMetadata)
  if (!complete) return undefined
  const token = { accessToken, tokenType, expiresAt, refreshToken, requested, granted }
  return { issuer, resource, clientId, login, ...token, obtainedAt, by, loggedInAt, resourceMetadata }
}

/** As {@link parseCredentials}. */
export function parseRegistration(text: string | undefined): Registration | undefined {
  const { issuer, clientId, clientSecret, authMethod, redirectUris, secretExpiresAt } = parse(text)
  const complete =
    isText(issuer) &&
    isText(clientId) &&
    isOptionalText(clientSecret) &&
    isOptionalText(authMethod) &&
    isTexts(redirectUris) &&
    isOptionalNumber(secretExpiresAt)
  return complete ? { issuer, clientId, clientSecret, authMethod, redirectUris, secretExpiresAt } : undefined
}

function parse(text: string | undefined): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    return isJsonObject(parsed) ? parsed : {}
  } catch {
    // not ours; a login puts something better in its place
    return {}
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value)
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number'
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
