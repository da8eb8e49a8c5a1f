import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { hasNode22 } from '../launches.ts'
import { clients } from './clients.ts'
import { asking } from './features-asking.ts'
import { changing } from './features-changing.ts'
import { reading } from './features-reading.ts'
import { type Runtime, type Served, serveBao } from './serve.ts'

setDefaultTimeout(30_000)

const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']

describe.each(runtimes)('our server over HTTP under %s', (runtime) => {
  // one server for all of them: what clients share and what they do not is part of the matter
  let served: Promise<Served> | undefined
  afterAll(async () => (await served)?.[Symbol.asyncDispose]())

  for (const { name, version, era, open } of clients) {
    describe(name, () => {
      let shared: Promise<HttpDriver> | undefined
      const driver = async (): Promise<HttpDriver> => {
        served ??= serveBao(runtime, { pageSize: 5 })
        const { url } = await served
        shared ??= open(url)
        return shared
      }
      afterAll(async () => {
        const client = await shared
        await client?.close()
      })

      test(`agrees to ${version} and knows whom it speaks to [MCP-047]`, async () => {
        const client = await driver()
        expect(client).toMatchObject({ era, version })
        expect(client.about).toMatchObject({
          server: { name: 'bao', version: '3.0.0' },
          instructions: 'Ask about the weather.',
          capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
        })
      })

      test('has a session in the era of sessions, and none in the other [MCP-079] [MCP-133]', async () => {
        const { sessionId } = await driver()
        if (era === 'modern') expect(sessionId).toBeUndefined()
        else expect(sessionId).toMatch(/^[\x21-\x7e]{22,}$/)
      })

      for (const [does, scenario] of Object.entries({ ...reading, ...asking, ...changing })) {
        test(does, async () => scenario(await driver(), version))
      }

      test('met nothing that it takes for an error', async () => {
        expect((await driver()).heard.errors.items).toEqual([])
      })
    })
  }
})
