import { describe, expect, test } from 'bun:test'
import { redisHub } from '../../packages/server/src/hub/redis.ts'
import { emptyMemory } from '../../packages/server/src/rounds/memory.ts'
import { createServer, type Server } from '../../packages/server/src/server.ts'
import { heard } from './heard.ts'
import { hasRedis, startRedis, unlessMissing } from './redis-server.ts'

const it = hasRedis ? test : test.skip

describe(`servers of one name over one Redis${unlessMissing}`, () => {
  it('tell each other of changes, and each what it has marked itself once', async () => {
    await using redis = await startRedis()
    await using hereHub = redisHub({ url: redis.url })
    await using thereHub = redisHub({ url: redis.url })
    const [here, there] = [serverOver(hereHub), serverOver(thereHub)]
    const [own, others] = [heard<string>(), heard<string>()]
    here.changes.subscribe(own.push)
    there.changes.subscribe(others.push)
    // following begins in the background, so each calls until the other has heard it
    while (!own.items.includes('prompts') || !others.items.includes('tools')) {
      here.changes.mark('tools')
      there.changes.mark('prompts')
      await new Promise(setImmediate)
    }
    here.changes.mark('resources')
    const last = heard<string>()
    there.updates.subscribe(last.push)
    here.resources.updated('a://b')
    expect(await last.count(1)).toEqual(['a://b'])
    for (const each of [own, others]) expect(each.items.filter((kind) => kind === 'resources')).toEqual(['resources'])
  })

  it('open what any of them has sealed, without a key that anybody gave them', async () => {
    await using redis = await startRedis()
    await using hereHub = redisHub({ url: redis.url })
    await using thereHub = redisHub({ url: redis.url })
    const owner = { principal: 'ada', method: 'tools/call', params: { name: 'pay' } }
    const memory = { ...emptyMemory(), own: 'kept' }
    const text = await serverOver(hereHub).sealer.keeperFor(owner).save(memory)
    expect(await serverOver(thereHub).sealer.keeperFor(owner).load(text, false)).toEqual(memory)
  })
})

function serverOver(hub: Server['hub']): Server {
  return createServer({ name: 's', version: '1', hub })
}
