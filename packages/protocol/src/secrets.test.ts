import { expect, test } from 'bun:test'
import { maskArgument, maskText, soundsSecret } from './secrets.ts'

test.each([
  ['JIRA_API_TOKEN=abc def', 'JIRA_API_TOKEN=*** def'],
  ["export A=1 TOKEN='hunter2 3'; x", 'export A=1 TOKEN=***; x'],
  ['DB_PASS="a b', 'DB_PASS=***'],
  ['https://me:pw@h.test/?api_key=1&v=2', 'https://me:***@h.test/?api_key=***&v=2'],
  ['https://tok@h.test', 'https://***@h.test'],
  ['Authorization: Bearer abcdefghijk', 'Authorization: ***'],
  ['Authorization: Token 9944b0919', 'Authorization: ***'],
  ['sent Bearer abcdefghijk', 'sent Bearer ***'],
  ['https://bob:pa@ss@db/x', 'https://bob:***@db/x'],
  ['token="ab\\"cd" x', 'token=*** x'],
  ['said {\\"password\\":\\"a b\\"}', 'said {\\"password\\":\\"***\\"}'],
  ["{'password': 'a b', 'n': 'x'}", "{'password': '***', 'n': 'x'}"],
  ['x-api-key: abcdefghijk and more', 'x-api-key: *** and more'],
  ['Set-Cookie: a=1; b=2', 'Set-Cookie: ***'],
  ['{"access_token":"a\\"b","maxTokens":5,"name":"n"}', '{"access_token":"***","maxTokens":5,"name":"n"}'],
  ['got ghp_abcdefghijklm and eyJhbGciOiJIUzI.J9', 'got *** and ***'],
  ['sk_live_abcdefghijkl AKIAIOSFODNN7EXAMPLE ATATT3xFfGF0abc hf_abcdefghijklmnopqrst', '*** *** *** ***'],
  ['npm_config_registry=x', 'npm_config_registry=x'],
  ['set JIRA_API_TOKEN: it is missing', 'set JIRA_API_TOKEN: it is missing'],
  ['page_token=abc&author=me', 'page_token=abc&author=me'],
])('in text %j becomes %j', (text, masked) => {
  expect(maskText(text)).toBe(masked)
})

test('an argument may be a header, whose whole value is hidden', () => {
  expect(maskArgument('X-Api-Key: a b c')).toBe('X-Api-Key: ***')
  expect(maskArgument('https://token.h.test:8080/mcp')).toBe('https://token.h.test:8080/mcp')
})

test.each([
  ...['apiKey', 'client_secret', 'Authorization', 'x-access-key', 'DB_PASS', 'GH_PAT', 'PASSPHRASE', 'authtoken'],
  ...['accessToken', 'npm_config__auth', 'dbpassword', 'SSH_KEY', 'ACCESS_TOKEN', 'cookie', 'id_token_hint'],
  ...['tokens', 'accessTokens', 'passwords', 'apiKeys', 'api_keys', 'client_assertion', 'code_verifier', 'credentials'],
])('%s sounds secret', (name) => {
  expect(soundsSecret(name)).toBe(true)
})

test.each([
  ...['maxTokens', 'author', 'authority', 'progressToken', 'nextPageToken', 'key', 'keyboard', 'publicKey'],
  ...['issueKey', 'compass', 'private', 'keys', 'monkey', 'assertion', 'total_tokens'],
])('%s does not', (name) => {
  expect(soundsSecret(name)).toBe(false)
})

test.each([
  'token'.repeat(400_000),
  'token='.repeat(300_000),
  '"a":"'.repeat(300_000),
  '://a:'.repeat(300_000),
  'a="'.repeat(300_000),
])('a long text does not take long: %#', (text) => {
  // with work that grows with the square of the length this would not end within the limit of a test
  expect(maskArgument(text).length).toBeGreaterThan(0)
  expect(soundsSecret(text)).toBeDefined()
})
