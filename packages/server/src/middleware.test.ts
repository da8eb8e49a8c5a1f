import { describe, expect, test } from 'bun:test'
import { INTERNAL_ERROR, isJsonObject, RpcError } from '@bao-mcp/protocol/engine'
import { eachEra, gate, MODERN, metaOf, namesOf, type Pair, textOf } from '../test/kit.ts'
import { forMethod, type Middleware } from './middleware.ts'
import { tool } from './registry/tool.ts'
import { createServer, type Server } from './server.ts'

const echo = tool({ name: 'echo', run: (args) => JSON.stringify(args) })
const server = (...middleware: Middleware[]): Server =>
  createServer({ name: 's', version: '1', tools: [echo], middleware })

eachEra((era, open) => {
  describe('middleware', () => {
    test('stands around every request, the first one outermost', async () => {
      const order: string[] = []
      const around =
        (name: string): Middleware =>
        async (request, next) => {
          order.push(`${name} ${request.method}`)
          const result = await next(request)
          order.push(`${name} done`)
          return result
        }
      await using pair = await open(server(around('outer'), around('inner')))
      order.length = 0
      await pair.call('echo')
      expect(order).toEqual(['outer tools/call', 'inner tools/call', 'inner done', 'outer done'])
    })

    test('sees the requests of the era itself as well', async () => {
      const seen: string[] = []
      const watch: Middleware = (request, next) => {
        seen.push(request.method)
        return next(request)
      }
      await using pair = await open(server(watch))
      if (era === 'modern') await pair.request('server/discover')
      expect(seen).toEqual({ legacy: ['initialize'], modern: ['server/discover'] }[era])
    })

    test('may answer by itself', async () => {
      let ran = false
      const short = forMethod('tools/call', () => ({ content: [{ type: 'text', text: 'mine' }] }))
      const inner = forMethod('tools/call', (request, next) => {
        ran = true
        return next(request)
      })
      await using pair = await open(server(short, inner))
      expect(textOf(await pair.call('echo'))).toBe('mine')
      expect(ran).toBe(false)
    })

    test('may change the request and the result, at once or later', async () => {
      const changing = (wait: boolean): Middleware =>
        forMethod('tools/call', async (request, next) => {
          if (wait) await undefined
          const result = await next({ ...request, params: { ...request.params, arguments: { changed: true } } })
          return { ...result, _meta: { ...result._meta, 'com.example/seen': 1 } }
        })
      for (const wait of [false, true]) {
        await using pair = await open(server(changing(wait)))
        const result = await pair.call('echo', { original: true })
        expect(textOf(result)).toBe('{"changed":true}')
        expect(metaOf(result)).toMatchObject({ 'com.example/seen': 1 })
      }
    })

    test('may refuse with an error of its own; any other is told nobody', async () => {
      const refusing = (thrown: unknown): Middleware =>
        forMethod('tools/call', () => {
          throw thrown
        })
      await using refused = await open(server(refusing(new RpcError(-31500, 'not today', { until: 'tomorrow' }))))
      await expect(refused.call('echo')).rejects.toEqual(new RpcError(-31500, 'not today', { until: 'tomorrow' }))
      await using broken = await open(server(refusing(new Error('secret'))))
      await expect(broken.call('echo')).rejects.toEqual(new RpcError(INTERNAL_ERROR, 'Internal error'))
      expect(broken.log.lines).toMatchObject([
        { level: 'error', message: 'tools/call failed', cause: { message: 'secret' } },
      ])
    })

    test('that forgets to return is answered for, and named in the log', async () => {
      const nothing: readonly unknown[] = [undefined, null, 'text', Promise.resolve(undefined)]
      for (const value of nothing) {
        // proof: a middleware without types can do it, and that is what is tested
        const forgetful = forMethod('tools/call', () => value as never)
        await using pair = await open(server(forgetful))
        await expect(pair.call('echo')).rejects.toMatchObject({ code: INTERNAL_ERROR })
        expect(pair.log.lines).toMatchObject([
          {
            cause: { message: 'a middleware answered tools/call with no result object; did it forget to return one?' },
          },
        ])
      }
    })

    test('sees lists as objects that it can change', async () => {
      const hiding = forMethod('tools/list', async (request, next) => {
        const result = await next(request)
        return { ...result, tools: result.tools.filter(({ name }) => name !== 'echo') }
      })
      const hidden = server(hiding)
      hidden.tools.add(tool({ name: 'other', run: () => 'x' }))
      await using pair = await open(hidden)
      expect(namesOf(await pair.request('tools/list'))).toEqual(['other'])
      expect(namesOf(await pair.request('tools/list'))).toEqual(['other'])
    })

    test('sees a round of questions where the client runs the rounds, and the end alone where the server does', async () => {
      const asking = tool({
        name: 'ask',
        async run(_args, { ask }) {
          return `${(await ask('roots', { method: 'roots/list' })).roots.length} roots`
        },
      })
      const kinds: unknown[] = []
      const watching = forMethod('tools/call', async (request, next) => {
        const result = await next(request)
        kinds.push(result.resultType)
        return result
      })
      const definition = createServer({ name: 's', version: '1', tools: [asking], middleware: [watching] })
      await using pair = await open(definition, { answer: () => ({ roots: [] }) })
      expect(textOf(await pair.call('ask'))).toBe('0 roots')
      expect(kinds).toEqual({ legacy: [undefined], modern: ['input_required', 'complete'] }[era])
    })

    test('learns that its call was cancelled while it waited for a place', async () => {
      const held = gate()
      let settled = 0
      const watching = forMethod('tools/call', async (request, next) => {
        try {
          return await next(request)
        } finally {
          settled++
        }
      })
      const slow = tool({ name: 'slow', run: () => held.opened.then(() => 'x') })
      const definition = createServer({ name: 's', version: '1', tools: [slow], middleware: [watching] })
      await using pair = await open(definition, { maxConcurrentCalls: 1 })
      const running = pair.call('slow')
      const cancel = new AbortController()
      const waiting = pair.call('slow', {}, {}, { signal: cancel.signal })
      await pair.barrier()
      cancel.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      held.open()
      await running
      await pair.barrier()
      expect(settled).toBe(2)
      expect(pair.connection.inFlight).toBe(0)
    })
  })
})

eachEra((era, open) => {
  test('what a middleware does to one client’s results reaches no other client', async () => {
    let hides = true
    const shared = server((request, next) => {
      const result = next(request)
      if (!hides || result instanceof Promise) return result
      for (const list of [result.tools, result.supportedVersions]) if (Array.isArray(list)) list.length = 0
      if (isJsonObject(result.capabilities)) delete result.capabilities.tools
      return result
    })
    await using guest = await open(shared)
    const list = (pair: Pair): Promise<string[]> => pair.request('tools/list').then(namesOf)
    expect([await list(guest), await list(guest)]).toEqual([[], []])
    if (era === 'modern') await guest.request('server/discover')
    hides = false
    await using owner = await open(shared)
    expect(await list(owner)).toEqual(['echo'])
    expect(shared.capabilities).toHaveProperty('tools')
    if (era === 'modern') expect(await owner.request('server/discover')).toMatchObject({ supportedVersions: [MODERN] })
  })
})
