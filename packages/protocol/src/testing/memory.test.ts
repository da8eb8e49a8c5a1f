import { expect, test } from 'bun:test'
import { settle } from './fake-clock.ts'
import { hear, note, text } from './hear.test.kit.ts'
import { channelTap, memoryChannelPair } from './memory.ts'

const gone = 'end: remote closed by the other side'

test('a tap records both directions', async () => {
  const [near, far] = memoryChannelPair()
  const tap = channelTap(near)
  hear(tap)
  far.open({ message: () => void far.send({ jsonrpc: '2.0', id: 1, result: {} }), unreadable() {}, end() {} })
  void tap.send(note(1))
  await settle()
  expect(tap.lines).toEqual([
    { way: 'sent', text: text(1) },
    { way: 'received', text: '{"jsonrpc":"2.0","id":1,"result":{}}' },
  ])
})

test('memory channels carry only what JSON carries', async () => {
  const [near, far] = memoryChannelPair()
  const heard = hear(far)
  const shared = { a: undefined, when: new Date(0) }
  void near.send({ jsonrpc: '2.0', method: 'm', params: { one: shared, two: shared } })
  const inside = '{"when":"1970-01-01T00:00:00.000Z"}'
  await settle()
  expect(heard).toEqual([`{"jsonrpc":"2.0","method":"m","params":{"one":${inside},"two":${inside}}}`])
  expect(() => near.send({ jsonrpc: '2.0', method: 'm', params: { n: 1n } })).toThrow(TypeError)
})

test('memory channels end on both sides, after what was sent', async () => {
  const [near, far] = memoryChannelPair()
  const [here, there] = [hear(near), hear(far)]
  void near.send(note(1))
  await near.close()
  await near.close()
  void far.send(note(2))
  void near.send(note(3))
  await settle()
  expect(there).toEqual([text(1), gone])
  expect(here).toEqual(['end: local closed by this side'])
})
