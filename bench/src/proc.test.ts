import { describe, expect, test } from 'bun:test'
import { kibOfStatus, ticksOfStat } from './proc.ts'

const numbers = '1 1 1 0 -1 4194304 100 0 0 0 250 50 7 3 20 0 4 0 12345 1000000 5000 18446744073709551615'

describe('ticksOfStat', () => {
  test('adds own and reaped user and system time', () => {
    expect(ticksOfStat(`4242 (bun) S ${numbers}`)).toBe(250 + 50 + 7 + 3)
  })

  test('is not misled by a command name with spaces and parentheses', () => {
    expect(ticksOfStat(`4242 (a) R (b c) S ${numbers}`)).toBe(310)
  })

  test('refuses what is no stat line', () => {
    expect(() => ticksOfStat('4242 (bun) S 1 2')).toThrow('not a /proc stat line')
  })
})

describe('kibOfStatus', () => {
  const status = 'Name:\tbun\nVmHWM:\t  51200 kB\nVmRSS:\t  40960 kB\nThreads:\t4\n'

  test('reads the named row', () => {
    expect(kibOfStatus(status, 'VmRSS')).toBe(40_960)
    expect(kibOfStatus(status, 'VmHWM')).toBe(51_200)
  })

  test('is undefined for a row that is missing', () => {
    expect(kibOfStatus(status, 'VmSwap')).toBeUndefined()
  })
})
