import { parseArgs } from 'node:util'
import { startFakeJira } from './start-fake-jira.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    issues: { type: 'string' },
  },
})

const jira = await startFakeJira({
  port: wholeNumber('port', values.port),
  ...(values.file !== undefined && { file: values.file }),
  ...(values.issues !== undefined && { seed: { issues: wholeNumber('issues', values.issues) } }),
})

const { email, apiToken, personalToken } = jira.credentials
process.stdout.write(`A Jira without an account, on this machine alone. Its accounts are roles and its tokens open nothing else.

  JIRA_URL=${jira.url}
  JIRA_EMAIL=${email}
  JIRA_API_TOKEN=${apiToken}

  Data Center's API (/rest/api/2): JIRA_PERSONAL_TOKEN=${personalToken}
  An account that may only read:   ${Object.values(jira.credentialsOf('viewer')).join('  ')}
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // a failure to close ends the process as an unhandled rejection, with its stack
    void jira.close().then(() => process.exit(0))
  })
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value)
  if (value === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new TypeError(`--${name} has to be a whole number from 0, not '${value}'`)
  }
  return number
}
