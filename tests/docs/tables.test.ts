import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { amountOf, boundingOptions, documentedLimits, namedLimits } from './tables.ts'

/** Options whose names are not those of their constants. */
const OPTION_OF: Readonly<Record<string, string>> = {
  DEFAULT_AUTH_MAX_BYTES: 'maxBytes',
  DEFAULT_AUTH_TIMEOUT_MS: 'timeoutMs',
  DEFAULT_BREAKER_COOLDOWN_MS: 'cooldownMs',
  DEFAULT_BREAKER_FAILURES: 'failures',
  DEFAULT_CACHE_ENTRIES: 'maxEntries',
  DEFAULT_CACHE_LENGTH: 'maxLength',
  DEFAULT_CONFIG_DEBOUNCE_MS: 'debounceMs',
  DEFAULT_MAX_IDLE_STOP_MS: 'maxMs',
  DEFAULT_MAX_IN_FLIGHT_HTTP: 'maxInFlight',
  DEFAULT_MAX_IN_FLIGHT_STDIO: 'maxInFlight',
  DEFAULT_MAX_LOG_ENTRIES: 'maxEntries',
  DEFAULT_MAX_NAME_LENGTH: 'maxLength',
  DEFAULT_MAX_RESULT_CHARACTERS: 'maxCharacters',
  DEFAULT_MAX_TASK_TTL_MS: 'maxTtlMs',
  DEFAULT_MIN_IDLE_STOP_MS: 'minMs',
  DEFAULT_SKILL_PAGE_SIZE: 'pageSize',
  DEFAULT_STATE_TTL_MS: 'ttlMs',
  DEFAULT_TASK_TTL_MS: 'ttlMs',
}

/** Numbers in the names of options that bound nothing: they tell something. */
const TELL_SOMETHING: ReadonlySet<string> = new Set(['retryAfterMs'])

/** Numbers that bound nothing a user meets: a port, a start, and what the testing kit does to tests. */
const NO_LIMITS: ReadonlySet<string> = new Set(['DEFAULT_PORT', 'startMs', 'maxDelayMs', 'DEFAULT_PATIENCE_MS'])

/** Constants of that shape whose values stand in a sentence. */
const IN_WORDS: ReadonlySet<string> = new Set([
  'DEFAULT_MAX_RECORDING_LENGTH',
  'MAX_BATCH_SIZE',
  'MAX_BODY_DEPTH',
  'MAX_PARAM_HEADER_DEPTH',
  'MAX_TEMPLATE_URI_LENGTH',
  'MIN_MAX_EVENT_BYTES',
  'MIN_MAX_NAME_LENGTH',
])

const text = await Bun.file(join(root, 'docs/limits.md')).text()
const oauth = await Bun.file(join(root, 'docs/guide/oauth.md')).text()
const limits = [...(await documentedLimits('docs/limits.md')), ...(await documentedLimits('docs/guide/oauth.md'))]

test('every option that bounds something is in the table of limits', async () => {
  const missing = (await boundingOptions()).filter(
    (name) => !TELL_SOMETHING.has(name) && !`${text}${oauth}`.includes(name),
  )
  expect(missing).toEqual([])
})

test('every exported limit and every default is in the table of limits, with the value it has', async () => {
  const wrong = (await namedLimits()).flatMap(({ name, value, path }) => {
    if (NO_LIMITS.has(name)) return []
    if (IN_WORDS.has(name)) return text.includes(`\`${name}\``) ? [] : [`${name} of ${path} is not mentioned`]
    const option = OPTION_OF[name] ?? camelCase(name.replace('DEFAULT_', ''))
    const rows = limits.filter((one) => one.name === name || one.name === option)
    if (rows.some(({ values }) => values.includes(value))) return []
    return [`${name} = ${value} of ${path}: ${rows.map(({ values }) => values).join(' or ') || 'is not there'}`]
  })
  expect(wrong).toEqual([])
})

test.each([
  ['64 MiB', 67_108_864],
  ['10,000 on one node', 10_000],
  ['5 min', 300_000],
  ['never', undefined],
])('the cell %j is read as %p', (cell, amount) => {
  expect(amountOf(cell)).toBe(amount)
})

test.each([
  ['ConnectionErrorCode', 'packages/protocol/src/jsonrpc/errors.ts', 'docs/errors.md'],
  ['ManagerErrorCode', 'packages/client/src/manager/manager-error.ts', 'docs/errors.md'],
  ['InputErrorCode', 'packages/client/src/input-error.ts', 'docs/errors.md'],
  ['TaskErrorCode', 'packages/client/src/tasks/task-error.ts', 'docs/errors.md'],
  ['ConfigErrorCode', 'packages/client/src/manager/config/config-error.ts', 'docs/errors.md'],
  ['AuthErrorCode', 'packages/client/src/auth/auth-error.ts', 'docs/guide/oauth.md'],
  ['SkillErrorCode', 'packages/client/src/skills/skill-error.ts', 'docs/guide/skills.md'],
])('every word of %s is in a table', async (type, path, page) => {
  const source = await Bun.file(join(root, path)).text()
  const [, union = ''] = new RegExp(`export type ${type} =\\n((?: {2}\\| .*\\n)+)`).exec(source) ?? []
  const codes = [...union.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code = '']) => code)
  expect(codes).not.toEqual([])
  const rows = (await Bun.file(join(root, page)).text()).split('\n').filter((line) => line.startsWith('|'))
  expect(codes.filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))).toEqual([])
})

test('the table of errors counts the words that it leaves to a guide, and those of a manager', async () => {
  const page = await Bun.file(join(root, 'docs/errors.md')).text()
  for (const [name, path] of [
    ['Auth', 'auth/auth-error.ts'],
    ['Manager', 'manager/manager-error.ts'],
    ['Skill', 'skills/skill-error.ts'],
  ] as const) {
    const source = await Bun.file(join(root, 'packages/client/src', path)).text()
    expect(page).toContain(`| \`${name}Error\` | ${[...source.matchAll(/^ {2}\| '/gm)].length} words`)
  }
})

test('every error class and every code of the wire that is exported is in the table of errors', async () => {
  const page = await Bun.file(join(root, 'docs/errors.md')).text()
  const missing: string[] = []
  for (const door of [
    'client/src/index',
    'client/src/auth/index',
    'client/src/tasks/index',
    'client/src/skills/index',
    'client/src/manager/config/index',
    'server/src/index',
    'server/src/http/index',
    'server/src/tasks/index',
    'server/src/skills/index',
    'protocol/src/testing/index',
  ]) {
    const exported = await Bun.file(join(root, 'packages', `${door}.ts`)).text()
    for (const [name] of exported.matchAll(/\b[A-Z]\w+Error\b/g))
      if (!page.includes(`\`${name}\``)) missing.push(`${name} of ${door}`)
  }
  for (const path of ['names.ts', 'jsonrpc/errors.ts']) {
    const source = await Bun.file(join(root, 'packages/protocol/src', path)).text()
    for (const [, name, code] of source.matchAll(/^export const (\w+) = (-3\d{4})$/gm))
      if (!page.includes(`| ${code} |`)) missing.push(`${name} ${code}`)
  }
  expect(missing).toEqual([])
})

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
