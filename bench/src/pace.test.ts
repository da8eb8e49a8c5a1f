import { describe, expect, test } from 'bun:test'
import { measureStretch } from './pace.ts'

function fakeRunner(cpuPerCall: number) {
  const runs: { calls: number; inFlight: number }[] = []
  return {
    runs,
    run: async (calls: number, inFlight: number) => void runs.push({ calls, inFlight }),
    cpuSeconds: () => runs.reduce((sum, { calls }) => sum + calls * cpuPerCall, 0),
  }
}

describe('measureStretch', () => {
  test('warms up with many in flight, then in its own way, before it measures', async () => {
    const runner = fakeRunner(1e-3)
    const pace = { minCalls: 100, minCpuSeconds: 0, maxSeconds: 60 }
    const finding = await measureStretch(runner, { pace, inFlight: 1, warmup: 500 })
    expect(runner.runs.slice(0, 2)).toEqual([
      { calls: 500, inFlight: 64 },
      { calls: 10, inFlight: 1 },
    ])
    expect(finding.calls).toBe(100)
    expect(finding.cpuUs).toBeCloseTo(1000)
  })

  test('goes on until the CPU clock has moved far enough to be read', async () => {
    const pace = { minCalls: 100, minCpuSeconds: 1, maxSeconds: 60 }
    const finding = await measureStretch(fakeRunner(1e-3), { pace, inFlight: 64, warmup: 0 })
    expect(finding.calls).toBe(1000)
  })

  test('ends at its time limit even when no CPU was used', async () => {
    const pace = { minCalls: 100, minCpuSeconds: 1, maxSeconds: 0 }
    expect((await measureStretch(fakeRunner(0), { pace, inFlight: 64, warmup: 0 })).calls).toBe(10)
  })
})
