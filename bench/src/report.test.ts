import { describe, expect, test } from 'bun:test'
import type { Cell } from './cells.ts'
import { type Results, renderReport } from './report.ts'
import { summarise } from './stats.ts'

const machine = {
  cpu: 'Some CPU',
  cores: 2,
  memoryGib: 8,
  kernel: 'Linux 6',
  bun: '1.4.5',
  date: '2026-01-02',
  pinnedCore: 1,
  loadCore: 0,
  loadAtStart: 0.5,
}

function measured(contestant: Cell['contestant'], value: number): Cell {
  return { metric: 'start.first', era: 'legacy', contestant, samples: [value], summary: summarise([value]) }
}

function render(cells: readonly Cell[], others: Partial<Results> = {}): string {
  const nothing = { quick: false, seconds: 60, skipped: [], verdicts: [] }
  return renderReport({ machine, versions: { zod: '4.0.0' }, cells, ...nothing, ...others })
}

describe('renderReport', () => {
  test('names the machine and the versions', () => {
    const text = render([])
    for (const fact of ['Some CPU', '2 cores', 'Linux 6', 'Bun 1.4.5', '2026-01-02', 'zod 4.0.0', 'core 1']) {
      expect(text).toContain(fact)
    }
  })

  test('shows every contestant and the ratios of ours in one row', () => {
    const text = render([measured('floor', 10), measured('tmcp', 40), measured('official', 80), measured('ours', 20)])
    const row = text.split('\n').find((line) => line.includes('spawn to first answer'))
    expect(row?.split('|').map((column) => column.trim())).toEqual([
      '',
      'spawn to first answer (ms)',
      'legacy',
      '10.0',
      '40.0',
      '80.0',
      '20.0',
      '0.250x',
      '0.500x',
      '2.00x',
      '',
    ])
  })

  test('tells an error from a contestant that cannot, and gives each reason once', () => {
    const failed = { era: 'modern', samples: [], problem: { kind: 'error', reason: 'broken' } } as const
    const text = render([
      { ...failed, metric: 'server.cpu.1', contestant: 'ours' },
      { ...failed, metric: 'server.wall.1', contestant: 'ours' },
      { ...failed, metric: 'start.first', contestant: 'ours' },
      {
        ...failed,
        metric: 'client.cpu.1',
        contestant: 'tmcp',
        problem: { kind: 'unsupported', reason: 'has no client' },
      },
    ])
    expect(text).toContain('- ours error: broken (server modern, start modern)')
    expect(text).toContain('- tmcp has no client (client modern)')
    expect(text.match(/broken/g)).toHaveLength(1)
  })

  test('says what was left out, and why', () => {
    expect(render([], { skipped: ['http: no wrk'] })).toContain('## Remarks\n\n- http: no wrk\n')
    expect(render([])).not.toContain('Remarks')
  })

  test('says where the two ends of a measurement over HTTP run', () => {
    expect(render([])).toContain('over HTTP the server has core 1 and the load, or the client, core 0')
    expect(render([], { machine: { ...machine, loadCore: null } })).toContain('over HTTP server and load share it')
  })

  test('says when a contestant answers the handshake with another revision', () => {
    expect(render([{ ...measured('tmcp', 1), note: '2025-06-18' }])).toContain(
      '- tmcp answers the handshake with 2025-06-18 (start legacy)',
    )
  })
})
