import { expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../test/ask-kit.ts'
import { eachEra } from '../../test/kit.ts'

const media: JsonObject[] = [
  { type: 'image', data: 'AQID', mimeType: 'image/png' },
  { type: 'audio', data: 'AQ==', mimeType: 'audio/wav; codecs=1' },
  { type: 'resource', resource: { uri: 'x:a', text: 'a' } },
  { type: 'resource', resource: { uri: 'x:b', mimeType: 'image/png', blob: 'AQ==' } },
]

const odd: JsonObject[] = [
  { type: 'image', data: 'not base64!', mimeType: 'image/png' },
  { type: 'image', data: 'AQI', mimeType: 'image/png' },
  { type: 'image', data: 'AQID', mimeType: 'picture' },
  { type: 'audio', data: 'AQID' },
  { type: 'resource', resource: { text: 'of nothing' } },
  { type: 'resource', resource: { uri: 'x:a' } },
  { type: 'resource', resource: { uri: 'x:a', blob: '€' } },
]

eachEra((_era, open) => {
  test('media in Base64 with its type, and embedded resources, are content [MCP-222]', async () => {
    await using pair = await open(serverWith(() => media))
    expect((await pair.call('it')).content).toEqual(media)
  })

  test('what only looks like media or a resource is data, and never sent as content [MCP-222]', async () => {
    for (const block of odd) {
      await using pair = await open(serverWith(() => [block]))
      expect((await pair.call('it')).content).toEqual([{ type: 'text', text: JSON.stringify([block]) }])
    }
  })
})
