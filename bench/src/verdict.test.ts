import { describe, expect, test } from 'bun:test'
import type { Cell, Metric } from './cells.ts'
import type { ContestantName } from './contestants.ts'
import { summarise } from './stats.ts'
import { judge } from './verdict.ts'
import type { Era } from './wire.ts'

function cell(metric: Metric, era: Era | null, contestant: ContestantName, value?: number): Cell {
  return value === undefined
    ? { metric, era, contestant, samples: [], problem: { kind: 'error', reason: 'broken' } }
    : { metric, era, contestant, samples: [value], summary: summarise([value]) }
}

describe('judge', () => {
  test('compares with the official SDK and tells the multiple of the floor', () => {
    const cells = [cell('server.cpu.64', 'legacy', 'ours', 3), cell('server.cpu.64', 'legacy', 'official', 12)]
    expect(judge([...cells, cell('server.cpu.64', 'legacy', 'floor', 1.5)])).toMatchObject([
      { era: 'legacy', measured: '0.250x, 2.00x of bare Bun', met: true },
    ])
    expect(judge([...cells.slice(1), cell('server.cpu.64', 'legacy', 'ours', 3.01)])).toMatchObject([{ met: false }])
  })

  test('judges HTTP by the official SDK and by twice the floor', () => {
    const cells = [cell('http.cpu', 'modern', 'official', 80), cell('http.cpu', 'modern', 'floor', 6)]
    const met = (ours: number) => judge([...cells, cell('http.cpu', 'modern', 'ours', ours)]).map((one) => one.met)
    expect(met(12)).toEqual([true, true])
    expect(met(13)).toEqual([true, false])
    expect(met(21)).toEqual([false, false])
  })

  test('judges a client over HTTP by a third of the official one, answered with bodies and with events', () => {
    for (const metric of ['http-client.cpu', 'http-client.events-cpu'] as const) {
      const met = (ours: number) =>
        judge([cell(metric, 'modern', 'official', 42), cell(metric, 'modern', 'ours', ours)]).map((one) => one.met)
      expect(met(14)).toEqual([true])
      expect(met(14.1)).toEqual([false])
    }
  })

  test('judges the eras apart', () => {
    const verdicts = judge([
      cell('start.first', 'legacy', 'ours', 20),
      cell('start.first', 'legacy', 'official', 60),
      cell('start.first', 'modern', 'ours', 40),
      cell('start.first', 'modern', 'official', 60),
    ])
    expect(verdicts.map(({ era, met }) => [era, met])).toEqual([
      ['legacy', true],
      ['modern', false],
    ])
  })

  test('a target of which ours has no measurement is missed', () => {
    expect(
      judge([cell('memory.resident', 'modern', 'ours'), cell('memory.resident', 'modern', 'official', 90)]),
    ).toEqual([expect.objectContaining({ measured: 'not measured', met: false })])
  })

  test('leaves out what was not part of the run', () => {
    expect(judge([cell('size.bytes', null, 'ours', 119_999)])).toMatchObject([{ measured: '120 KB', met: true }])
    expect(judge([])).toEqual([])
  })

  test('growth is linear up to the bound, or in proportion to the floor where the machine itself is worse', () => {
    const growth = (ours: number, floor: number) =>
      judge([cell('large.growth', 'modern', 'ours', ours), cell('large.growth', 'modern', 'floor', floor)])[0]?.met
    expect(growth(14, 10)).toBe(true)
    expect(growth(20, 18)).toBe(true)
    expect(growth(20, 10)).toBe(false)
    expect(growth(100, 18)).toBe(false)
  })
})
