import { createHash, timingSafeEqual } from 'node:crypto'
import { InvalidTokenError, type ServeHttpOptions, type TokenVerifier } from '@bao-mcp/server/http'
import { hostOfAddress, isEveryAddress, isLoopback, LOOPBACK_NAMES } from './loopback.ts'
import { type Environment, SettingsError } from './server/credentials.ts'

/** Who may call the bridge over HTTP: whoever does acts as the account of Jira. */
export type HttpAccess = Pick<ServeHttpOptions, 'allowedHosts' | 'allowedOrigins' | 'auth'>

const VARIABLE = 'JIRA_BRIDGE_TOKEN'
/** Characters of a token that nobody guesses. */
const LEAST_TOKEN = 16
const NAME = /^(?:[a-z\d][\w.-]*|\[[\da-f:.]+\])(?::\d{1,5})?$/i
const TOKEN = /^[\w.~+/-]+=*$/

/**
 * What is let in: the names of this machine, the address itself, and what is allowed beside; pages of the bridge's own
 * origin alone; and, where the environment has a token, nobody without it.
 * @throws {SettingsError} for an address that others reach without a token, or without a name they reach it under
 */
export function httpAccess(
  { host, allowedHosts }: { readonly host: string; readonly allowedHosts: readonly string[] },
  env: Environment,
): HttpAccess {
  const token = readToken(env[VARIABLE]?.trim() ?? '')
  const odd = allowedHosts.find((name) => !NAME.test(name))
  if (odd !== undefined) {
    throw new SettingsError(`--allowed-host must be a name such as jira.example.com, got ${JSON.stringify(odd)}`)
  }
  if (!isLoopback(host) && token === undefined) {
    throw new SettingsError(
      `--host ${host} lets others act as your account of Jira: set ${VARIABLE} to what they have to send as Authorization: Bearer <token>`,
    )
  }
  if (isEveryAddress(host) && allowedHosts.length === 0) {
    throw new SettingsError(`--host ${host} is no name: say with --allowed-host under which this server is reached`)
  }
  const own = isEveryAddress(host) ? [] : [hostOfAddress(host)]
  const access = { allowedHosts: [...new Set([...LOOPBACK_NAMES, ...own, ...allowedHosts])], allowedOrigins: [] }
  if (token === undefined) return access
  const origin = `https://${allowedHosts[0] ?? own[0] ?? 'localhost'}`
  // an issuer has to be named; there is none, as callers are given the token
  const auth = { verifier: sharedToken(token), resource: `${origin}/mcp`, authorizationServers: [origin] }
  return { ...access, auth }
}

/** Lets in whoever has the one token, taking the same time for every other. */
function sharedToken(token: string): TokenVerifier {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(token)
  return {
    async verify(given) {
      if (timingSafeEqual(digest(given), expected)) return { principal: 'caller', scopes: [] }
      throw new InvalidTokenError(`the token is not the one of ${VARIABLE}`)
    },
  }
}

function readToken(value: string): string | undefined {
  if (value === '') return undefined
  if (value.length >= LEAST_TOKEN && TOKEN.test(value)) return value
  throw new SettingsError(
    `${VARIABLE} must have ${LEAST_TOKEN} characters or more, of those a bearer token has, as openssl rand -hex 32 makes them`,
  )
}
