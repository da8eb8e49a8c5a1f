import { exportPKCS8, generateKeyPair } from 'jose'
import { type OAuthWorld, startOAuthWorld } from './oauth-kit.ts'

/** A token request as it came. */
export interface TokenRequest {
  readonly form: URLSearchParams
  readonly headers: Headers
}

/** An authorization server that gives a token for every request, and an MCP server that takes them. */
export interface MachineWorld extends OAuthWorld {
  readonly requests: readonly TokenRequest[]
  /** Tokens in the order they were given. */
  readonly tokens: readonly string[]
  /** What the token endpoint answers instead of a token, the first one first. */
  readonly refusals: ((request: TokenRequest) => Response)[]
}

/** @param metadata more of the authorization server; undefined leaves a member out */
export function startMachineWorld(metadata: Record<string, unknown> = {}): MachineWorld {
  const world = startOAuthWorld()
  const { login } = world
  Object.assign(login.metadata, { code_challenge_methods_supported: undefined, ...metadata })
  const requests: TokenRequest[] = []
  const tokens: string[] = []
  const refusals: MachineWorld['refusals'] = []
  login.pages.set('/token', async (request) => {
    const asked = { form: new URLSearchParams(await request.text()), headers: request.headers }
    requests.push(asked)
    const refusal = refusals.shift()
    if (refusal !== undefined) return refusal(asked)
    const token = `machine-${tokens.length + 1}-secret`
    tokens.push(token)
    login.valid.set(token, asked.form.get('scope')?.split(' ') ?? [])
    return Response.json({ access_token: token, token_type: 'Bearer', ...login.tokenAnswer })
  })
  return { ...world, requests, tokens, refusals }
}

/** A refusal of OAuth. */
export function refuseWith(error: string, description?: string): () => Response {
  return () => Response.json({ error, error_description: description }, { status: 400 })
}

/** A key pair whose private half is a PEM. */
export async function pemPair(algorithm = 'ES256'): Promise<{ pem: string; publicKey: CryptoKey }> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  return { pem: await exportPKCS8(privateKey), publicKey }
}
