import { expect, test } from 'bun:test'
import { isGateway, readCredentials, SettingsError } from './credentials.ts'

const SITE = 'https://site.atlassian.net'
const TOKEN = 'very-secret-token'

test('nothing in the environment means the demo', () => {
  expect(readCredentials({})).toEqual({ kind: 'demo' })
  expect(readCredentials({ JIRA_URL: ' ', JIRA_EMAIL: '' })).toEqual({ kind: 'demo' })
})

test('e-mail and API token are for Cloud, a personal token is for Data Center', () => {
  expect(readCredentials({ JIRA_URL: `${SITE}/`, JIRA_EMAIL: 'a@example.com', JIRA_API_TOKEN: ` ${TOKEN}\n` })).toEqual(
    {
      kind: 'cloud',
      url: SITE,
      email: 'a@example.com',
      token: TOKEN,
    },
  )
  expect(readCredentials({ JIRA_URL: 'https://jira.example.com/jira/', JIRA_PERSONAL_TOKEN: TOKEN })).toEqual({
    kind: 'data-center',
    url: 'https://jira.example.com/jira',
    token: TOKEN,
  })
})

test('a scoped token goes through the gateway, where people do not see the site', () => {
  const url = 'https://api.atlassian.com/ex/jira/11111111-2222'
  expect(readCredentials({ JIRA_URL: url, JIRA_EMAIL: 'a@example.com', JIRA_API_TOKEN: TOKEN })).toMatchObject({ url })
  expect([isGateway(url), isGateway(SITE)]).toEqual([true, false])
})

test.each([
  [{ JIRA_EMAIL: 'a@example.com' }, /JIRA_EMAIL is set, but JIRA_URL is not/],
  [{ JIRA_PERSONAL_TOKEN: TOKEN }, /JIRA_PERSONAL_TOKEN is set, but JIRA_URL is not/],
  [{ JIRA_URL: SITE }, /set JIRA_EMAIL and JIRA_API_TOKEN/],
  [{ JIRA_URL: SITE, JIRA_API_TOKEN: TOKEN }, /JIRA_EMAIL is not set/],
  [{ JIRA_URL: SITE, JIRA_EMAIL: 'a@example.com' }, /JIRA_API_TOKEN is not set: make one at https:/],
  [{ JIRA_URL: SITE, JIRA_EMAIL: 'me', JIRA_API_TOKEN: TOKEN }, /JIRA_EMAIL is no e-mail/],
  [{ JIRA_URL: SITE, JIRA_PERSONAL_TOKEN: TOKEN }, /JIRA_PERSONAL_TOKEN is for Data Center/],
  [{ JIRA_URL: SITE, JIRA_PERSONAL_TOKEN: TOKEN, JIRA_API_TOKEN: TOKEN }, /both set/],
  [{ JIRA_URL: SITE, JIRA_EMAIL: 'a@example.com', JIRA_API_TOKEN: `${TOKEN} x` }, /JIRA_API_TOKEN has characters/],
  [{ JIRA_URL: 'site.atlassian.net', JIRA_API_TOKEN: TOKEN }, /JIRA_URL is no address/],
  [{ JIRA_URL: 'ftp://site' }, /JIRA_URL is no address/],
  [{ JIRA_URL: `https://me:${TOKEN}@site.atlassian.net` }, /JIRA_URL holds credentials/],
  [{ JIRA_URL: 'http://jira.example.com', JIRA_PERSONAL_TOKEN: TOKEN }, /must begin with https/],
  [{ JIRA_URL: 'https://api.atlassian.com', JIRA_API_TOKEN: TOKEN }, /ex\/jira\/\{cloudId\}/],
])('%j says which variable is wrong and what to do, without the token', (env: Record<string, string>, says) => {
  const reading = () => readCredentials(env)
  expect(reading).toThrow(SettingsError)
  expect(reading).toThrow(says)
  try {
    reading()
  } catch (error) {
    expect(String(error)).not.toContain(TOKEN)
  }
})

test('http is fine on this machine', () => {
  const env = { JIRA_EMAIL: 'a@example.com', JIRA_API_TOKEN: TOKEN }
  for (const url of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1']) {
    expect(readCredentials({ ...env, JIRA_URL: url })).toMatchObject({ url })
  }
})
