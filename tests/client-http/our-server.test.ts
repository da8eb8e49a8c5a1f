import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { HttpDriver } from '../interop/drivers/http-driver.ts'
import { asking } from '../interop/http/features-asking.ts'
import { changing } from '../interop/http/features-changing.ts'
import { reading } from '../interop/http/features-reading.ts'
import { type Runtime, type Served, serveBao } from '../interop/http/serve.ts'
import { hasNode22 } from '../interop/launches.ts'
import { converse } from '../interop/scenarios.ts'
import { openHttpBao } from './driver.ts'

setDefaultTimeout(30_000)

const MODERN = '2026-07-28'
const LEGACY = '2025-11-25'
const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']
const pins = [
  { words: 'that asks', pin: {}, era: 'modern', version: MODERN },
  { words: `pinned to ${MODERN}`, pin: { pin: MODERN }, era: 'modern', version: MODERN },
  { words: 'pinned to the legacy era', pin: { pin: 'legacy' }, era: 'legacy', version: LEGACY },
  { words: 'pinned to 2025-06-18', pin: { pin: '2025-06-18' }, era: 'legacy', version: '2025-06-18' },
  { words: 'pinned to 2025-03-26', pin: { pin: '2025-03-26' }, era: 'legacy', version: '2025-03-26' },
] as const

describe.each(runtimes)('our server over HTTP under %s', (runtime) => {
  // one server for all of them: what clients share and what they do not is part of the matter
  let served: Promise<Served> | undefined
  afterAll(async () => (await served)?.[Symbol.asyncDispose]())

  for (const { words, pin, era, version } of pins) {
    describe(`and our client ${words}`, () => {
      let shared: Promise<HttpDriver> | undefined
      const driver = async (): Promise<HttpDriver> => {
        served ??= serveBao(runtime, { pageSize: 5 })
        const { url } = await served
        shared ??= openHttpBao(url, pin)
        return shared
      }
      afterAll(async () => (await shared)?.close())

      test(`speaks ${version} and knows whom it speaks to`, async () => {
        const client = await driver()
        expect(client).toMatchObject({ era, version })
        expect(client.about).toMatchObject({
          server: { name: 'bao', version: '3.0.0' },
          instructions: 'Ask about the weather.',
          capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
        })
      })

      for (const [does, scenario] of Object.entries({ ...reading, ...asking, ...changing })) {
        test(does.replaceAll(/ \[\w{3}-\d+\]/g, ''), async () => scenario(await driver(), version))
      }

      test('met nothing that it takes for an error', async () => {
        expect((await driver()).heard.errors.items).toEqual([])
      })
    })
  }
})

for (const runtime of runtimes) {
  for (const era of ['modern', 'legacy'] as const) {
    const servers: Served[] = []
    afterAll(() => Promise.all(servers.map((one) => one[Symbol.asyncDispose]())))
    converse({
      name: `our client over HTTP, ${era} -> our server under ${runtime}`,
      era,
      unknownTool: -32602,
      wrongArguments: 'isError',
      hearsProgressBesideAnswer: true,
      serverLivesOn: true,
      bigBytes: 1024 * 1024,
      async open() {
        const served = await serveBao(runtime)
        servers.push(served)
        return openHttpBao(served.url, { pin: era })
      },
    })
  }
}
