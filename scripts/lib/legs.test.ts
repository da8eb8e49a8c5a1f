import { expect, test } from 'bun:test'
import { filesOf, type Leg, legGroups, legs, quickLeg } from './legs.ts'

const named = (name: string): Leg => {
  const found = legs.find((leg) => leg.name === name)
  if (found === undefined) throw new Error(`no leg ${name}`)
  return found
}

test('finds this file and no test of an installed or built package', () => {
  const files = filesOf(named('unit and integration (bun)'))
  expect(files).toContain('scripts/lib/legs.test.ts')
  expect(files.filter((file) => /node_modules|dist\//.test(file))).toEqual([])
})

test('the quick leg is a part of the whole', () => {
  const all = new Set(filesOf(named('unit and integration (bun)')))
  const quick = filesOf(quickLeg)
  expect(quick).toContain('scripts/lib/legs.test.ts')
  expect(quick.filter((file) => !all.has(file))).toEqual([])
})

test('every leg writes the report where it was told and belongs to a known group', () => {
  for (const leg of legs) {
    const command = leg.command({ report: '/tmp/report.xml', files: ['f.test.mjs'], extra: [] })
    expect(command.some((word) => word.endsWith('=/tmp/report.xml'))).toBe(true)
    expect(legGroups).toContain(leg.group)
  }
})

test('hands filters to bun test and files to node', () => {
  const run = { report: 'r', files: ['tests/node/a.test.mjs'], extra: ['-t', 'x'] }
  expect(named('unit and integration (bun)').command(run).slice(-2)).toEqual(['-t', 'x'])
  expect(named('node 22').command(run).at(-1)).toBe('tests/node/a.test.mjs')
})

test('the official suite judges the server and the client, and a run that reported nothing of it would fail', () => {
  const leg = named('official conformance suite')
  expect(leg.group).toBe('conformance')
  expect(filesOf(leg)).toEqual(['tests/conformance/run.ts'])
  const command = leg.command({ report: '/tmp/report.xml', files: filesOf(leg), extra: [] })
  expect(command.slice(1)).toEqual(['tests/conformance/run.ts', '--junit=/tmp/report.xml'])
})

test('rules are broken on purpose by one script, whose report counts each as a case', () => {
  const leg = named('rules broken on purpose')
  expect(leg.group).toBe('mutations')
  const command = leg.command({ report: '/tmp/report.xml', files: filesOf(leg), extra: [] })
  expect(command.slice(1)).toEqual(['scripts/mutations.ts', '--junit=/tmp/report.xml'])
})
