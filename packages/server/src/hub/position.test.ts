import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Moment, momentOf, positionOf } from './position.ts'

const moment: fc.Arbitrary<Moment> = fc.record({
  ms: fc.integer({ min: 0, max: 36 ** 9 - 1 }),
  count: fc.integer({ min: 0, max: 36 ** 6 - 1 }),
})

test('positions compare as strings the way their moments do', () => {
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const later = a.ms === b.ms ? a.count > b.count : a.ms > b.ms
      expect(positionOf(a) > positionOf(b)).toBe(later)
    }),
  )
})

test('positions bring their moments back', () => {
  fc.assert(fc.property(moment, (one) => expect(momentOf(positionOf(one))).toEqual(one)))
})

test('what is no position has no moment', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(momentOf(text)).toBeUndefined()))
})
