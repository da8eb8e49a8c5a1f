import { expect, test } from 'bun:test'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { failure } from '../testing/failure.test.kit.ts'
import { helpful, managed } from './managed.test.kit.ts'
import type { ServerOptions } from './server-config.ts'

test('a number that is none is refused by the name of its option', async () => {
  await using m = managed()
  const wrong: [string, ServerOptions][] = [
    ['maxTotalTimeoutMs', { maxTotalTimeoutMs: Number.NaN }],
    ['healthTimeoutMs', { healthTimeoutMs: -1 }],
    ['probeTimeoutMs', { probeTimeoutMs: Number.NaN }],
    ['tools["read"].timeoutMs', { tools: { read: { timeoutMs: -1 } } }],
    ['tools["read"].maxTotalTimeoutMs', { tools: { read: { maxTotalTimeoutMs: Number.NaN } } }],
    ['breaker.failures', { breaker: { failures: 0 } }],
    ['breaker.cooldownMs', { breaker: { cooldownMs: -1 } }],
  ]
  for (const [name, options] of wrong) {
    const error = await failure(m.manager.add('one', helpful(), options))
    expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(`: ${name} must be`) })
  }
})

test('a tool has its own limit for all of a call, however much it tells meanwhile', async () => {
  await using m = managed()
  const server = helpful(({ method }) => method === 'tools/call')
  await m.manager.add('one', server, { tools: { read: { maxTotalTimeoutMs: 100 } }, healthIntervalMs: 0 })
  const call = failure(m.manager.callTool('one', 'read'))
  await server.got('tools/call')
  await m.clock.advance(100)
  const error = await call
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({ code: 'total_timeout' })
})
