import { expect, test } from 'bun:test'
import { AnsweredError, ConnectionError, NegotiationError, RpcError } from '@bao-mcp/protocol/engine'
import { AuthError } from '../auth/auth-error.ts'
import { ServerStartError } from '../errors.ts'
import { callFailure, startFailure, stderrTailOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'

const status = (code: number): ConnectionError => new ConnectionError('http_status', 'refused', { status: code })
const start = (more: object, cause?: unknown): ServerStartError =>
  new ServerStartError('no', { transport: 'stdio: x', ...more, cause })

test.each([
  ['a program that is not there', start({}, new Error('ENOENT')), 'final'],
  ['a program that ended', start({ exitCode: 1 }), 'passing'],
  ['a connection that ended', start({}, new ConnectionError('closed', 'gone')), 'passing'],
  ['no common version', new NegotiationError('none', [], []), 'final'],
  ['options that are none', new TypeError('no url'), 'final'],
  [
    'a fetch that failed',
    new ConnectionError('unreachable', 'no', { cause: new TypeError('fetch failed') }),
    'passing',
  ],
  ['401', status(401), 'auth'],
  ['403', status(403), 'auth'],
  ['401 below', start({}, status(401)), 'auth'],
  ['401 with an error of JSON-RPC', new AnsweredError(-32600, 'no', undefined, { status: 401 }), 'auth'],
  ['404', status(404), 'final'],
  ['502', status(502), 'passing'],
  ['503', status(503), 'passing'],
  ['no login', new AuthError('no_redirect', 'log in'), 'auth'],
  ['a login server that is down', new AuthError('unreachable', 'down'), 'passing'],
  ['anything', new Error('?'), 'passing'],
])('a start that failed by %s', (_name, error, worth) => {
  expect(startFailure(error)).toBe(worth as ReturnType<typeof startFailure>)
})

test.each([
  ['an error that was answered', new RpcError(-32603, 'Internal error'), 'answered'],
  ['a timeout', new ConnectionError('timeout', 'late'), 'fault'],
  [
    'a connection that ended',
    new ConnectionError('closed', 'gone', { reason: { kind: 'remote', message: '' } }),
    'fault',
  ],
  [
    'a connection this side ended',
    new ConnectionError('closed', 'x', { reason: { kind: 'local', message: '' } }),
    'own',
  ],
  ['502', status(502), 'fault'],
  ['401', status(401), 'auth'],
  ['403, which is about this call', status(403), 'answered'],
  ['a scope that is missing', new AuthError('insufficient_scope', 'more'), 'answered'],
  ['a login that was refused', new AuthError('rejected', 'no'), 'auth'],
  ['a login server that is down', new AuthError('unreachable', 'down'), 'fault'],
  ['params that are no JSON', new ConnectionError('unserialisable', 'BigInt'), 'own'],
  ['a queue that is full', new ManagerError('queue_full', 'busy'), 'own'],
  ['what a listener threw', new Error('?'), 'own'],
])('a call that failed by %s', (_name, error, worth) => {
  expect(callFailure(error)).toBe(worth as ReturnType<typeof callFailure>)
})

test('the last words are found below as well', () => {
  const reason = { kind: 'failed', message: '', stderrTail: ['no disk'] } as const
  expect(stderrTailOf(new Error('x', { cause: new ConnectionError('closed', 'x', { reason }) }))).toEqual(['no disk'])
  expect(stderrTailOf(undefined)).toEqual([])
})
