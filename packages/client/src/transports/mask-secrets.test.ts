import { expect, test } from 'bun:test'
import { maskLine, secretsOf } from './mask-secrets.ts'

test('secret are the values of variables and arguments whose names say so, by lines and the longest first', () => {
  const started = {
    command: 'x',
    args: [
      '--token',
      'arg-secret',
      '--verbose',
      'plain-text',
      '--api-key=key-secret-long',
      '--password',
      '--next',
      'no',
    ],
    env: { HOME: '/home/someone', API_TOKEN: 'env-secret-1', GH_PAT: 'pat', SSH_KEY: 'first line\nsecond-line\n' },
  }
  expect(secretsOf(started)).toEqual(['key-secret-long', 'env-secret-1', 'second-line', 'first line', 'arg-secret'])
})

test('a secret that is part of another one leaves nothing of it', () => {
  const secrets = secretsOf({ command: 'x', args: [], env: { A_TOKEN: 'hunter2', B_TOKEN: 'hunter2-long' } })
  expect(maskLine('with hunter2-long and hunter2', secrets)).toBe('with *** and ***')
})
