import { expect, test } from 'bun:test'
import { SettingsError } from '../server/credentials.ts'
import { bridgeEnvironment, planDemo } from './plan.ts'

const REAL = { JIRA_URL: 'https://site.atlassian.net', JIRA_EMAIL: 'a@example.com', JIRA_API_TOKEN: 'token' }

test('without JIRA_URL everything happens in the Jira that comes along, whatever else the environment says', () => {
  const plan = planDemo({ JIRA_WRITE: '0', JIRA_FLAGS_FILE: '/flags.json' }, undefined)
  expect(plan).toEqual({ kind: 'own', project: 'DEMO' })
  const own = { url: 'http://127.0.0.1:1', credentials: { email: 'a@b', apiToken: 't', personalToken: 'p' } }
  expect(bridgeEnvironment(plan, own)).toEqual({
    inheritEnv: [],
    env: { JIRA_URL: own.url, JIRA_EMAIL: 'a@b', JIRA_API_TOKEN: 't', JIRA_WRITE: '1' },
  })
})

test.each([
  [{ ...REAL }, undefined],
  [{ ...REAL }, 'KEY'],
  [{ ...REAL, JIRA_WRITE: '0' }, 'KEY'],
  [{ ...REAL, JIRA_WRITE: '1' }, undefined],
])('a real site is only read with %j and the project %p, and the bridge is told so', (env, project) => {
  const plan = planDemo(env, project)
  expect(plan).toEqual({ kind: 'real', url: 'https://site.atlassian.net' })
  expect(bridgeEnvironment(plan, undefined).env).toEqual({ JIRA_WRITE: '0', JIRA_FLAGS_FILE: '' })
})

test('a real site is written to when JIRA_WRITE and a project say so', () => {
  const plan = planDemo({ ...REAL, JIRA_WRITE: '1' }, 'KEY')
  expect(plan).toEqual({ kind: 'real', url: 'https://site.atlassian.net', project: 'KEY' })
  expect(bridgeEnvironment(plan, undefined)).toEqual({ inheritEnv: ['JIRA_*'] })
})

test('an environment the bridge would refuse is refused before anything starts', () => {
  expect(() => planDemo({ JIRA_URL: REAL.JIRA_URL }, undefined)).toThrow(SettingsError)
  expect(() => planDemo({ ...REAL, JIRA_WRITE: 'perhaps' }, undefined)).toThrow(SettingsError)
})
