import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'
import { type Evidence, judge, judgeMissing, lastLine, type SkipPolicy, total, type Verdict } from './verdict.ts'

const policy: SkipPolicy = {
  rules: [
    { name: /contract data/, reason: 'r', when: 'no-contract-data' },
    { name: /^node 22$/, reason: 'r', when: 'platform', runsOn: ['linux-x64'] },
  ],
  surroundings: { hasContractData: false, platform: 'linux-x64' },
}
const suite = (...cases: string[]): string => `<testsuites>${cases.join('')}</testsuites>`
const given = (evidence: Partial<Evidence>): Verdict =>
  judge({ report: suite('<testcase name="a"/>'), code: 0, trouble: undefined, files: [], ...evidence }, policy)

describe('judging a run', () => {
  test('counts by the report', () => {
    const report = suite(
      '<testcase name="a"/>',
      '<testcase name="b"/>',
      '<testcase name="c"><failure message="no&#10;more"/></testcase>',
      '<testcase name="d (contract data)"><skipped/></testcase>',
    )
    expect(given({ report, code: 1 })).toEqual({ passed: 2, failed: 1, skipped: 1, problems: ['c: no'] })
  })

  test.each([undefined, '', '<testsuites>', '<testsuites></testsuites>'])(
    'fails without a whole report (%p)',
    (report) => {
      expect(given({ report, code: 0 })).toMatchObject({ passed: 0, failed: 1 })
    },
  )

  test('counts a skip that is not on the list as failed and not as skipped', () => {
    const verdict = given({ report: suite('<testcase name="a"/>', '<testcase name="shy"><skipped/></testcase>') })
    expect(verdict).toMatchObject({ passed: 1, failed: 1, skipped: 0 })
    expect(verdict.problems[0]).toContain('shy')
  })

  test('takes no notice of skips when tests were chosen by name', () => {
    const report = suite('<testcase name="a"/>', '<testcase name="b"><skipped/></testcase>')
    expect(given({ report, byName: true })).toEqual({ passed: 1, failed: 0, skipped: 0, problems: [] })
  })

  test('fails when the exit code contradicts the report', () => {
    expect(given({ code: 1 })).toMatchObject({ passed: 1, failed: 1 })
  })

  test('fails when the run was ended from outside, whatever it reported', () => {
    expect(given({ code: undefined, trouble: 'ended by SIGKILL' }).problems).toEqual(['ended by SIGKILL'])
  })

  test('fails for each file that brought no result (bun leaves it out)', () => {
    const report = suite('<testsuite name="x/a.test.ts" file="x/a.test.ts"><testcase name="t"/></testsuite>')
    const verdict = given({ report, code: 1, files: ['x/a.test.ts', 'x/broken.test.ts'] })
    expect(verdict).toEqual({ passed: 1, failed: 1, skipped: 0, problems: ['x/broken.test.ts: reported no test'] })
  })

  test('fails for each file that brought no result (node calls it a passed test)', () => {
    const report = suite('<testcase name="t"/>', '<testcase name="tests/node/b.test.mjs"/>')
    const verdict = given({ report, files: ['tests/node/a.test.mjs', 'tests/node/b.test.mjs'] })
    expect(verdict).toMatchObject({ passed: 1, failed: 1, problems: ['tests/node/b.test.mjs: reported no test'] })
  })

  test('recognises files by their absolute path', () => {
    const report = suite('<testcase name="t" file="/checkout/tests/node/a.test.mjs"/>')
    expect(given({ report, files: ['tests/node/a.test.mjs'] })).toMatchObject({ passed: 1, failed: 0 })
  })

  test('sees through a test that ends the process with exit code 0', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bao-verdict-'))
    try {
      const source = "import { test } from 'bun:test'\ntest('a', () => {})\ntest('leaves', () => process.exit(0))\n"
      await Bun.write(join(folder, 'leaves.test.ts'), source)
      const report = join(folder, 'report.xml')
      const command = [process.execPath, 'test', '--reporter=junit', `--reporter-outfile=${report}`]
      const { code, trouble } = await run(command, { cwd: folder, capture: true })
      expect(code).toBe(0)
      expect(await Bun.file(report).exists()).toBe(false)
      expect(given({ report: undefined, code, trouble })).toMatchObject({ passed: 0, failed: 1 })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('a leg whose binary is absent', () => {
  test('is skipped by name where the list allows it', () => {
    const elsewhere = { ...policy, surroundings: { ...policy.surroundings, platform: 'darwin-arm64' } }
    expect(judgeMissing('node 22', elsewhere)).toEqual({ passed: 0, failed: 0, skipped: 1, problems: [] })
  })

  test('fails where it should have been installed', () => {
    expect(judgeMissing('node 22', policy)).toMatchObject({ failed: 1, skipped: 0 })
  })
})

describe('the last line', () => {
  test('names skipped tests only when there are some', () => {
    expect(lastLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
    expect(lastLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
  })

  test('is the sum of all legs', () => {
    const one: Verdict = { passed: 1, failed: 1, skipped: 0, problems: ['p'] }
    const two: Verdict = { passed: 2, failed: 1, skipped: 3, problems: ['q'] }
    expect(total([one, two])).toEqual({ passed: 3, failed: 2, skipped: 3, problems: ['p', 'q'] })
  })
})
