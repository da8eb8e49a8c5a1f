import { describe, expect, test } from 'bun:test'
import { loadIn } from './load.ts'

function printed(facts: object): string {
  return `Running 2s test\n  1 threads\n\nload ${JSON.stringify(facts)}\n`
}

describe('loadIn', () => {
  const found = { requests: 100, bytes: 25_000, durationUs: 2_000_000, p99Us: 900 }

  test('reads the summary, whatever else was printed', () => {
    expect(loadIn(printed({ ...found, failed: 0 }))).toEqual(found)
  })

  test('a single failed request spoils the measurement', () => {
    expect(() => loadIn(printed({ ...found, failed: 1 }))).toThrow('1 of 100 requests failed')
  })

  test('no answer at all is no measurement', () => {
    expect(() => loadIn(printed({ ...found, requests: 0, failed: 0 }))).toThrow('no request was answered')
    expect(() => loadIn('unable to connect\n')).toThrow('unable to connect')
  })
})
