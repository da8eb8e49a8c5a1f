import { expect, test } from 'bun:test'
import { bodyOf, ENDPOINT, modern, resultOf } from '../../test/http-kit.ts'
import { resource } from '../registry/resource.ts'
import { tool } from '../registry/tool.ts'
import { createServer } from '../server.ts'
import { InvalidTokenError } from './auth/auth-info.ts'
import { httpHandler } from './handler.ts'

test('what anybody may keep is given to nobody without a token all the same [MCP-160]', async () => {
  const cache = { ttlMs: 60_000, cacheScope: 'public' } as const
  const server = createServer({
    name: 's',
    version: '1',
    listCache: cache,
    tools: [tool({ name: 'it', run: () => 'done' })],
    resources: [resource({ uri: 'x:plan', name: 'plan', cache, read: () => 'the plan' })],
  })
  await using handle = httpHandler(server, {
    auth: {
      resource: ENDPOINT,
      authorizationServers: ['https://issuer.example.com'],
      verifier: {
        async verify(token) {
          if (token !== 'good') throw new InvalidTokenError('unknown token')
          return { principal: 'ada', scopes: [] }
        },
      },
    },
  })
  for (const [method, params] of [
    ['tools/list', {}],
    ['resources/list', {}],
    ['resources/read', { uri: 'x:plan' }],
  ] as const) {
    const headers = { authorization: 'Bearer good' }
    expect(resultOf(await bodyOf(await handle(modern(method, params, { headers }))))).toMatchObject(cache)
    for (const refused of [{}, { headers: { authorization: 'Bearer bad' } }]) {
      const response = await handle(modern(method, params, refused))
      expect([method, response.status]).toEqual([method, 401])
      expect(await response.text()).not.toContain('plan')
    }
  }
})
