import { expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { judgeSide, type MatchVerdict } from './gate.ts'
import { listScenarios } from './referee.ts'
import { tally } from './report.ts'

const nullServer = fileURLToPath(new URL('./controls/null-server.ts', import.meta.url))
const dyingServer = fileURLToPath(new URL('./controls/dying-server.ts', import.meta.url))
const silentServer = fileURLToPath(new URL('./controls/silent-server.ts', import.meta.url))
const run = '2025-11-25'

async function judged(server: string): Promise<MatchVerdict> {
  const folder = await mkdtemp(join(tmpdir(), 'bao-gate-'))
  try {
    const [match] = await judgeSide({ side: 'server', runs: [run], anchor: {}, optional: new Map(), server, folder })
    if (match === undefined) throw new Error('no run')
    return match
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('a server that knows nothing passes no scenario', async () => {
  const match = await judged(nullServer)
  const expected = await listScenarios('server', run)
  expect(match.verdicts.map((each) => each.scenario)).toEqual(expected)
  expect(tally([match])).toEqual({ passed: 0, failed: expected.length + 1, excused: 0 })
  expect(match.trouble).toEqual(['the referee ended with code 1'])
})

test('a server that dies fails the run by name', async () => {
  const { trouble } = await judged(dyingServer)
  expect(trouble.at(-1)).toStartWith('the server ended by itself with code 3; its log is ')
})

test('a server that never listens fails the run, and its log is named', async () => {
  const match = await judged(silentServer)
  expect(match.verdicts).toEqual([])
  expect(match.trouble.join()).toStartWith('the server ended with code 4 before it listened; its log is ')
  expect(tally([match])).toEqual({ passed: 0, failed: 1, excused: 0 })
})
