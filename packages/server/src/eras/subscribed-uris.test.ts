import { expect, test } from 'bun:test'
import { SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { eachEra } from '../../test/kit.ts'
import { resource } from '../registry/resource.ts'
import { createServer } from '../server.ts'

eachEra((era, open) => {
  test('URIs that are too long together cannot be subscribed to', async () => {
    const resources = [resource({ uri: 'x:a', name: 'a', read: () => 'a' })]
    await using pair = await open(createServer({ name: 's', version: '1', resources }), { maxSubscribedLength: 10 })
    const subscribe = (uri: string): Promise<unknown> =>
      era === 'legacy'
        ? pair.request('resources/subscribe', { uri })
        : pair.request('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } })
    const refused = { code: SERVER_BUSY, message: expect.stringContaining('maxSubscribedLength') }
    await expect(subscribe('x:123456789')).rejects.toMatchObject(refused)
    if (era === 'modern') return
    expect(await subscribe('x:12345678')).toEqual({})
    expect(await subscribe('x:12345678')).toEqual({})
    await expect(subscribe('y')).rejects.toMatchObject(refused)
  })
})
