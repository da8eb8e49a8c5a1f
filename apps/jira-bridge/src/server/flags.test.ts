import { expect, test } from 'bun:test'
import { flagsFromEnvironment, flagsFromFile, GROUPS } from './flags.ts'

const groupsOf = (tools: string) => [...flagsFromEnvironment({ JIRA_TOOLS: tools }).groups]

test('everything is read and nothing written until the environment says otherwise', () => {
  expect(flagsFromEnvironment({})).toEqual({ write: false, groups: new Set(GROUPS) })
  expect(flagsFromEnvironment({ JIRA_WRITE: '1' }).write).toBe(true)
  expect(flagsFromEnvironment({ JIRA_WRITE: '0' }).write).toBe(false)
})

test.each([
  ['search,issues', ['search', 'issues']],
  [' Search , ', ['search']],
  ['-comments,-users', ['search', 'issues', 'transitions', 'projects', 'prompts', 'resources']],
  ['all,-search', GROUPS.slice(1)],
  ['search,-search', []],
  ['-all', []],
])('JIRA_TOOLS=%s offers %j', (tools, groups) => {
  expect<string[]>(groupsOf(tools)).toEqual([...groups])
})

test('what is no group and no switch is refused by name', () => {
  expect(() => groupsOf('search,isues')).toThrow(/JIRA_TOOLS takes search, .* not "isues"/)
  expect(() => flagsFromEnvironment({ JIRA_WRITE: 'maybe' })).toThrow('JIRA_WRITE must be 1 or 0, got "maybe"')
})

test('a file says what it wants to change', () => {
  const otherwise = flagsFromEnvironment({ JIRA_TOOLS: 'search' })
  expect(flagsFromFile('{"write":true}', 'f', otherwise)).toEqual({ write: true, groups: new Set(['search']) })
  expect(flagsFromFile('{"tools":["-users"]}', 'f', otherwise).groups.has('comments')).toBe(true)
  expect(flagsFromFile('{}', 'f', otherwise)).toEqual(otherwise)
})

test.each([
  ['nonsense', 'f is no JSON'],
  ['[]', 'f must hold an object'],
  ['{"write":1}', '"write" must be true or false'],
  ['{"tools":"search"}', '"tools" must be a list of groups'],
  ['{"wirte":true}', 'not "wirte"'],
])('a file that holds %s is refused', (text, says) => {
  expect(() => flagsFromFile(text, 'f', flagsFromEnvironment({}))).toThrow(says)
})
