import { describe, expect, test } from 'bun:test'
import { formatRatio, markdownTable, significant } from './table.ts'

describe('markdownTable', () => {
  test('pads every column to its widest cell', () => {
    expect(
      markdownTable(
        ['what', 'ours'],
        [
          ['wall', '1.20'],
          ['a longer name', '3'],
        ],
      ),
    ).toBe(
      [
        '| what          | ours |',
        '| ------------- | ---: |',
        '| wall          | 1.20 |',
        '| a longer name |    3 |',
      ].join('\n'),
    )
  })

  test('fills missing cells and keeps a bar or a line break from breaking the row', () => {
    const lines = markdownTable(['a', 'b'], [['x|y\nz']]).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.at(2)).toBe('| x\\|y z |     |')
  })
})

describe('numbers', () => {
  test('show three digits where they matter', () => {
    expect([0.1234, 1.234, 12.34, 123.4, 12_345].map(significant)).toEqual(['0.123', '1.23', '12.3', '123', '12345'])
  })

  test('a ratio to nothing is not a number', () => {
    expect(formatRatio(0.25)).toBe('0.250x')
    expect(formatRatio(1 / 0)).toBe('n/a')
  })
})
