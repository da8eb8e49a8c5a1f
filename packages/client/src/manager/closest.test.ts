import { expect, test } from 'bun:test'
import { closestFirst, listNames } from './closest.ts'

test('the most similar names come first', () => {
  const names = ['search_issues', 'get_weather', 'get_whether', 'list']
  expect(closestFirst('get_wether', names).slice(0, 2)).toEqual(['get_weather', 'get_whether'])
  expect(closestFirst('SEARCH', names)[0]).toBe('search_issues')
  expect(closestFirst('', ['b', 'a'])).toEqual(['a', 'b'])
})

test('hostile names cost little and are quoted', () => {
  const names = Array.from({ length: 1_000 }, (_, nth) => `${'x'.repeat(10_000)}${nth}`)
  expect(closestFirst('y'.repeat(100_000), names)).toHaveLength(1_000)
  expect(listNames(['a"b'])).toBe('"a\\"b"')
  expect(listNames(names.map((_, nth) => String(nth)))).toEndWith('"19" and 980 more')
  expect(listNames([])).toBe('none')
})
