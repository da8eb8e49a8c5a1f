import { describe, expect, test } from 'bun:test'
import { type ClientIdentity, secretAuthentication } from './client-authentication.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { someServer } from './some-server.test.kit.ts'

async function applied(
  client: ClientIdentity,
  server: Partial<AuthorizationServer> = {},
): Promise<Record<string, string>> {
  const draft = { params: new URLSearchParams(), headers: {} as Record<string, string> }
  await secretAuthentication(client).apply(draft, someServer(server))
  return { form: draft.params.toString(), ...draft.headers }
}

const secret = { clientId: 'a b', clientSecret: 'c:d+é' }

describe('a client proves itself', () => {
  test('by its id alone when it has no secret', async () => {
    expect(await applied({ clientId: 'a b' })).toEqual({ form: 'client_id=a+b' })
  })

  test('by Basic where the server does not say, with both parts encoded', async () => {
    expect(await applied(secret)).toEqual({ form: '', authorization: `Basic ${btoa('a+b:c%3Ad%2B%C3%A9')}` })
  })

  test.each<[string[], Record<string, string>]>([
    [['client_secret_post'], { form: 'client_id=a+b&client_secret=c%3Ad%2B%C3%A9' }],
    [['private_key_jwt', 'none'], { form: 'client_id=a+b' }],
  ])('by what the server takes: %p', async (authMethods, sent) => {
    expect(await applied(secret, { authMethods })).toEqual(sent)
  })

  test('by what it was registered for, whatever the server lists', async () => {
    const sent = await applied(
      { ...secret, authMethod: 'client_secret_post' },
      { authMethods: ['client_secret_basic'] },
    )
    expect(sent.form).toContain('client_secret=')
  })

  test.each<[Partial<ClientIdentity>, string[] | undefined, string]>([
    [{ authMethod: 'private_key_jwt' }, undefined, 'an authentication of its own'],
    [{ authMethod: 'client_secret_basic', clientSecret: undefined }, undefined, 'its client secret'],
    [{}, ['private_key_jwt'], 'takes none of'],
  ])('not when %p meets %p', async (client, authMethods, words) => {
    const attempt = applied({ ...secret, ...client }, { authMethods })
    expect(attempt).rejects.toThrow(words)
    expect(attempt).rejects.not.toThrow('c:d')
  })
})
