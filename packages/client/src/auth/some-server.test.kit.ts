import type { AuthorizationServer } from './discover-server.ts'

/** An authorization server as its metadata describes it. */
export function someServer(members: Partial<AuthorizationServer> = {}): AuthorizationServer {
  const issuer = members.issuer ?? 'https://login.example.com'
  return {
    issuer,
    authorizationEndpoint: new URL('/authorize', issuer),
    tokenEndpoint: new URL('/token', issuer),
    registrationEndpoint: new URL('/register', issuer),
    scopesSupported: undefined,
    grantTypes: undefined,
    codeChallengeMethods: ['S256'],
    authMethods: undefined,
    authSigningAlgorithms: undefined,
    dpopAlgorithms: undefined,
    issInResponses: true,
    clientIdDocuments: false,
    found: 'published',
    isOrigin: false,
    ...members,
  }
}
