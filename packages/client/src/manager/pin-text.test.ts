import { expect, test } from 'bun:test'
import { MAX_SHOWN_TEXT, shownName, shownPair, shownValue } from './pin-text.ts'

test('whatever is not seen is written out', () => {
  const unseen: [string, string][] = [
    ['\u200b', '200B'], // zero width space
    ['\u202e', '202E'], // right-to-left override
    ['\u2066', '2066'], // isolate
    ['\u00ad', 'AD'], // soft hyphen
    ['\u{e0041}', 'E0041'], // tag that spells an A
    ['\u{e0100}', 'E0100'], // variation selector
    ['\ufe0f', 'FE0F'],
    ['\u3164', '3164'], // Hangul filler
    ['\u2800', '2800'], // blank Braille pattern
    ['\u00a0', 'A0'],
    ['\u2028', '2028'],
    ['\u009b', '9B'], // starts an escape sequence in some terminals
    ['\u007f', '7F'],
  ]
  for (const [character, code] of unseen) expect(shownValue(`a${character}b`)).toBe(`"a\\u{${code}}b"`)
  expect(shownValue('\u001b[2J\r\n')).toBe('"\\u001b[2J\\r\\n"')
  expect(shownValue('\\u{200B}')).toBe('"\\\\u{200B}"')
})

test('other languages stay readable, and a foreign letter in a Latin word does not pass for one', () => {
  expect(shownValue('Größe 天気 погода καιρός')).toBe('"Größe 天気 погода καιρός"')
  expect(shownValue('p\u0430ypal')).toBe('"p\\u{430}ypal"')
})

test('a long text is shown from shortly before the first difference, and says how much more differs', () => {
  const same = 'x'.repeat(1000)
  const [before, after] = shownPair(`${same}old${same}`, `${same}${'new'.repeat(100)}${same}`)
  expect(before.startsWith(`"…${'x'.repeat(20)}old`)).toBe(true)
  expect(after.startsWith(`"…${'x'.repeat(20)}newnew`)).toBe(true)
  expect(before).not.toContain('more characters')
  expect(after).toEndWith('(160 more characters)')
  expect(shownPair('same start, a', 'same start, b')).toEqual(['"same start, a"', '"same start, b"'])
  expect(shownPair('', 'x')).toEqual(['""', '"x"'])
})

test('what is shown is short, whatever it is', () => {
  const hostile = '\u{e0041}'.repeat(100_000)
  expect(shownValue(hostile).length).toBeLessThan(MAX_SHOWN_TEXT * 12)
  expect(shownName(hostile).length).toBeLessThan(1000)
  expect(shownValue({ a: hostile })).toContain('more characters)')
})
