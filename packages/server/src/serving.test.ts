import { expect, test } from 'bun:test'
import { eachEra, fakeClock, recordingLog } from '../test/kit.ts'
import { tool } from './registry/tool.ts'
import { createServer } from './server.ts'
import { createServing } from './serving.ts'

const SLOW = /^tool "(\w+)" held the event loop for (\d+) ms \(slowHandlerMs (\d+)\): /

eachEra((_era, open) => {
  test('a handler that keeps the event loop to itself is named, once a minute for each tool', async () => {
    const clock = fakeClock()
    const spend = tool({
      name: 'spend',
      input: { type: 'object', properties: { ms: { type: 'number' } } },
      run({ ms }) {
        clock.advance(Number(ms))
        return 'done'
      },
    })
    const server = createServer({ name: 's', version: '1', tools: [spend] })
    await using pair = await open(server, { clock, slowHandlerMs: 50 })
    const named = async (ms: number): Promise<string[]> => {
      const before = pair.log.lines.length
      await pair.call('spend', { ms })
      return pair.log.lines
        .slice(before)
        .map(({ level, message }) => `${level} ${SLOW.exec(message)?.slice(1).join(' ')}`)
    }
    expect(await named(49)).toEqual([])
    expect(await named(50)).toEqual(['warning spend 50 50'])
    expect(await named(500)).toEqual([])
    clock.advance(59_000)
    expect(await named(500)).toEqual(['warning spend 500 50'])
  })

  test('a handler that throws, or that waits, is timed for what it did before', async () => {
    const clock = fakeClock()
    const tools = [
      tool({
        name: 'throws',
        run() {
          clock.advance(1000)
          throw new Error('late')
        },
      }),
      tool({
        name: 'waits',
        async run() {
          clock.advance(1000)
          await undefined
          clock.advance(5000)
          return 'done'
        },
      }),
    ]
    await using pair = await open(createServer({ name: 's', version: '1', tools }), { clock })
    for (const { name } of tools) await pair.call(name)
    const warnings = pair.log.lines.filter(({ level }) => level === 'warning')
    expect(warnings.map(({ message }) => SLOW.exec(message)?.slice(1, 3))).toEqual([
      ['throws', '1000'],
      ['waits', '1000'],
    ])
  })
})

test('one slow tool does not keep another from being named', () => {
  const clock = fakeClock()
  const log = recordingLog()
  const serving = createServing(createServer({ name: 's', version: '1' }), { clock, log })
  for (const name of ['a', 'b', 'a', 'b']) serving.handlerHeldLoop('tool', name, 1000)
  expect(log.lines).toHaveLength(2)
})

test('without a log nothing is written, and nothing fails', () => {
  const { log } = createServing(createServer({ name: 's', version: '1' }))
  expect([log.debug('x'), log.info('x'), log.warning('x'), log.error('x', new Error('x'))]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

eachEra((_era, open) => {
  test('a log that fails keeps nobody from getting an answer', async () => {
    const broken = (): never => {
      throw new Error('the disk is full')
    }
    const fail = tool({ name: 'fail', run: async () => Promise.reject(new Error('its own')) })
    const server = createServer({ name: 's', version: '1', tools: [fail] })
    const log = { debug: broken, info: broken, warning: broken, error: broken }
    await using pair = await open(server, { log, slowHandlerMs: 0 })
    expect(await pair.call('fail')).toMatchObject({ isError: true })
  })
})
