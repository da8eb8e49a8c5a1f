import { expect, test } from 'bun:test'
import { HUB_LOST, INTERNAL_ERROR, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { hasRedis, unlessMissing } from '../hub/redis-server.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { type Answer, modern, openSession, textOf } from './wire.ts'

function clusterTest(name: string, body: (cluster: Cluster) => Promise<void>): void {
  test.skipIf(!hasRedis)(
    `two processes behind a round-robin proxy: ${name}${unlessMissing}`,
    async () => {
      await using cluster = await startCluster()
      await body(cluster)
    },
    20_000,
  )
}

async function call(url: string, name: string, params: JsonObject = {}): Promise<JsonObject> {
  return (await modern(url, 'tools/call', { name, ...params })).last()
}

/** The first event with a message that passes. */
async function until(
  answer: Answer,
  passes: (message: JsonObject) => boolean,
): Promise<{ id: string; message: JsonObject }> {
  for (;;) {
    const event = await answer.next()
    if (event === undefined) throw new Error('the stream has ended')
    if (passes(event.message)) return event
  }
}

function member(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined
}

clusterTest('requests that stand alone are served by either', async ({ url, next }) => {
  next(0)
  const places = [await call(url, 'where'), await call(url, 'where'), await call(url, 'where')].map(textOf)
  expect(places).toEqual(['a', 'b', 'a'])
})

clusterTest('a subscription on one hears what changes on the other', async ({ url, next }) => {
  next(0)
  const listening = await modern(url, 'subscriptions/listen', {
    notifications: { toolsListChanged: true, resourceSubscriptions: ['x:watched'] },
  })
  expect((await listening.next())?.message.method).toBe('notifications/subscriptions/acknowledged')
  next(1)
  expect(textOf(await call(url, 'touch'))).toBe('b')
  const methods = [(await listening.next())?.message.method, (await listening.next())?.message.method]
  expect(methods.toSorted()).toEqual(['notifications/resources/updated', 'notifications/tools/list_changed'])
  listening.drop()
})

clusterTest('a round of questions begins on one and ends on the other', async ({ url, next }) => {
  next(0)
  const first = await call(url, 'ask')
  const state = member(first.result, 'requestState')
  expect(member(first.result, 'resultType')).toBe('input_required')
  next(1)
  const params = { requestState: state, inputResponses: { name: { action: 'accept', content: { name: 'Kim' } } } }
  expect(textOf(await call(url, 'ask', params))).toBe('Kim: a to b')
})

clusterTest('a session is known to both, with its level and its subscriptions', async ({ url, next }) => {
  next(0)
  const session = await openSession(url)
  next(1)
  expect(textOf(await (await session.request('tools/call', { name: 'where' })).last())).toBe('b')
  next(0)
  await (await session.request('resources/subscribe', { uri: 'x:watched' })).last()
  next(1)
  const stream = await session.get()
  next(0)
  expect(textOf(await (await session.request('tools/call', { name: 'touch' })).last())).toBe('a')
  const heard = [await until(stream, hasMethod), await until(stream, hasMethod)].map(({ message }) => message.method)
  expect(heard.toSorted()).toEqual(['notifications/resources/updated', 'notifications/tools/list_changed'])
  stream.drop()
  next(1)
  expect((await session.end()).status).toBe(204)
  next(0)
  expect((await session.request('ping')).status).toBe(404)
})

clusterTest('a stream that broke off on one is resumed on the other', async ({ url, next }) => {
  next(0)
  const session = await openSession(url)
  next(0)
  const params = { name: 'count', arguments: { to: 20, everyMs: 20 }, _meta: { progressToken: 'p' } }
  const first = await session.request('tools/call', params)
  const { id, message } = await until(first, hasMethod)
  expect(member(message.params, 'progress')).toBe(1)
  first.drop()
  next(1)
  const rest = await session.get(id)
  const heard: unknown[] = []
  let last: JsonObject = {}
  for (;;) {
    const event = await rest.next()
    if (event === undefined) break
    last = event.message
    if (hasMethod(last)) heard.push(member(last.params, 'progress'))
  }
  expect(heard).toEqual(Array.from({ length: 19 }, (_, i) => i + 2))
  expect(textOf(last)).toBe('20 at a')
})

clusterTest('a question of one is answered on the other', async ({ url, next }) => {
  next(0)
  const session = await openSession(url)
  next(0)
  const asking = await session.request('tools/call', { name: 'ask' })
  const { message } = await until(asking, hasMethod)
  next(1)
  const answered = await session.post({ id: message.id, result: { action: 'accept', content: { name: 'Kim' } } })
  expect(answered.status).toBe(202)
  expect(textOf(await asking.last())).toBe('Kim: a to a')
})

clusterTest('a call on one is cancelled on the other', async ({ url, next }) => {
  next(0)
  const session = await openSession(url)
  next(0)
  const params = { name: 'count', arguments: { to: 1000, everyMs: 50 }, _meta: { progressToken: 'p' } }
  const running = await session.post({ id: 'call', method: 'tools/call', params })
  await until(running, hasMethod)
  next(1)
  const gaveUp = await session.post({ method: 'notifications/cancelled', params: { requestId: 'call' } })
  expect(gaveUp.status).toBe(202)
  const rest = await running.last()
  expect('result' in rest || 'error' in rest).toBe(false)
})

clusterTest('a session that is ended on one has its calls on the other answered', async ({ url, next }) => {
  next(0)
  const session = await openSession(url)
  next(0)
  const params = { name: 'count', arguments: { to: 1000, everyMs: 50 }, _meta: { progressToken: 'p' } }
  const running = await session.request('tools/call', params)
  await until(running, hasMethod)
  next(1)
  await session.end()
  expect(member((await running.last()).error, 'message')).toContain('session is over')
})

clusterTest('the calls of a node that is killed end with an error, wherever the client comes back', async (cluster) => {
  const { url, next, nodes } = cluster
  next(0)
  const session = await openSession(url)
  next(0)
  const params = { name: 'count', arguments: { to: 1000, everyMs: 20 }, _meta: { progressToken: 'p' } }
  const running = await session.post({ id: 'call', method: 'tools/call', params })
  const { id } = await until(running, hasMethod)
  next(0)
  const asking = await session.request('tools/call', { name: 'ask' })
  const { message } = await until(asking, hasMethod)
  await nodes[0].kill()
  next(1)
  const rest = await session.get(id)
  const last = await rest.last()
  expect(last).toMatchObject({ id: 'call', error: { code: INTERNAL_ERROR } })
  expect(member(last.error, 'message')).toContain('lost')
  const answered = await session.post({ id: message.id, result: { action: 'decline' } })
  expect(answered.status).toBe(400)
  expect(JSON.stringify(await answered.last())).toContain('lost')
  expect(textOf(await (await session.request('tools/call', { name: 'where' })).last())).toBe('b')
})

clusterTest('a lost Redis is told by name, and both serve again when it is back', async (cluster) => {
  const { url, next, redis } = cluster
  next(0)
  const session = await openSession(url)
  await redis.kill()
  const refused = await session.request('tools/call', { name: 'where' })
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  const { error } = await refused.last()
  expect(error).toMatchObject({ code: HUB_LOST, message: expect.stringContaining('hub') })
  expect(JSON.stringify(error)).not.toContain('127.0.0.1')
  // what stands alone needs nothing of the others
  expect(['a', 'b']).toContain(textOf(await call(url, 'where')))
  await redis.start()
  // each of them finds it again after a pause of its own
  for (const node of [0, 1] as const) {
    next(node)
    while ((await session.request('ping')).status === 503) next(node)
  }
  const again = await openSession(url)
  expect(['a', 'b']).toContain(textOf(await (await again.request('tools/call', { name: 'where' })).last()))
})

function hasMethod(message: JsonObject): boolean {
  return typeof message.method === 'string'
}
