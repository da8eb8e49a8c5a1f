import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { ReportError, readJunit } from './junit.ts'

const fixture = (name: string): Promise<string> => Bun.file(join(import.meta.dirname, 'fixtures', name)).text()
const brief = (xml: string): string[] => readJunit(xml).map(({ outcome, name }) => `${outcome}: ${name}`)

test('reads what bun test writes: a suite per file, nested groups, skips, todos, hooks that throw', async () => {
  expect(brief(await fixture('bun.xml'))).toEqual([
    'passed: outer <group> > inner > passes & "quotes"',
    'failed: outer <group> > inner > fails',
    'skipped: outer <group> > skipped one',
    'skipped: outer <group> > todo one',
    'passed: top',
    'passed: fine',
    'failed: waits',
    'failed: hook > (unnamed)',
  ])
})

test.each(['node-22.xml', 'node-24.xml'])(
  'reads what node --test writes (%s), where a failing todo fails',
  async (name) => {
    expect(brief(await fixture(name))).toEqual([
      'passed: outer <g> > inner > passes & "q"',
      'failed: outer <g> > inner > fails',
      'skipped: outer <g> > skipped one',
      'skipped: outer <g> > todo one',
      'skipped: outer <g> > with reason',
      'skipped: outer <g> > dyn',
      'passed: top > sub',
      'failed: todo failing',
      'failed: tests/node/e.test.mjs',
    ])
  },
)

test('tells the file of every case where the dialect has one', async () => {
  const files = async (name: string): Promise<Set<string | undefined>> =>
    new Set(readJunit(await fixture(name)).map((each) => each.file))
  expect(await files('bun.xml')).toEqual(new Set(['a.test.ts', 'b.test.ts']))
  expect(await files('node-24.xml')).toContain('/checkout/tests/node/d.test.mjs')
  expect(await files('node-22.xml')).toEqual(new Set([undefined]))
})

test('keeps the message of a failure', async () => {
  const failed = readJunit(await fixture('bun.xml')).find((each) => each.outcome === 'failed')
  expect(failed?.message).toStartWith('expect(received).toBe(expected)\n')
})

test('counts an error like a failure, inside a case and outside of one', () => {
  const xml = `<testsuites><testsuite name="s"><error message="load"/>
    <testcase name="a"><error message="x"/></testcase></testsuite></testsuites>`
  expect(brief(xml)).toEqual(['failed: s > (error)', 'failed: s > a'])
})

test('believes a head that admits more failures than the cases show', () => {
  const xml = '<testsuites tests="2" failures="1" errors="1"><testcase name="a"/></testsuites>'
  expect(readJunit(xml).map((each) => each.outcome)).toEqual(['passed', 'failed', 'failed'])
})

test('is not misled by markup inside text, comments and CDATA', () => {
  const xml = `<testsuites><!-- <testcase name="no"/> --><testsuite name="a &gt; b">
    <testcase name="1 &lt; 2"><system-out><![CDATA[<testcase name="no"/><failure/>]]></system-out></testcase>
    </testsuite></testsuites>`
  expect(brief(xml)).toEqual(['passed: a > b > 1 < 2'])
})

test.each([
  ['a vanished report', '', 'no report was written'],
  ['something else', 'Segmentation fault', 'no report was written'],
  ['a report cut short', '<testsuites><testcase name="a"/>', 'the report is cut short'],
  ['a report without tests', '<testsuites tests="0"></testsuites>', 'the report holds no test'],
])('refuses %s', (_, xml, message) => {
  expect(() => readJunit(xml)).toThrow(new ReportError(message))
})
