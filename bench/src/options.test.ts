import { describe, expect, test } from 'bun:test'
import { parseOptions, SECTIONS } from './options.ts'

describe('parseOptions', () => {
  test('a bare command measures everything and writes the results', () => {
    expect(parseOptions([])).toEqual({ sections: SECTIONS, quick: false, json: false, write: true })
  })

  test('a partial or short run overwrites results only when asked to', () => {
    expect(parseOptions(['--quick']).write).toBe(false)
    expect(parseOptions(['--only', 'size']).write).toBe(false)
    expect(parseOptions(['--quick', '--write']).write).toBe(true)
    expect(parseOptions(['--no-write']).write).toBe(false)
  })

  test('keeps the order of measuring whatever the order of asking', () => {
    expect(parseOptions(['--only', 'size,server', '--only', 'start']).sections).toEqual(['server', 'start', 'size'])
  })

  test('names an unknown section or option', () => {
    expect(() => parseOptions(['--only', 'server,speed'])).toThrow('unknown section speed')
    expect(() => parseOptions(['--fast'])).toThrow('--fast')
  })
})
