import { expect, test } from 'bun:test'
import { failure } from '../testing/failure.test.kit.ts'
import { createFlights } from './flights.ts'

test('who asks for the same at the same time shares one piece of work, and its failure', async () => {
  const flights = createFlights<number>()
  let begun = 0
  const work = async (): Promise<number> => {
    begun++
    if (begun === 2) throw new Error('no')
    return begun
  }
  expect(await Promise.all([flights.join('a', work), flights.join('a', work)])).toEqual([1, 1])
  const failures = await Promise.all([failure(flights.join('a', work)), failure(flights.join('a', work))])
  expect(failures.map(String)).toEqual(['Error: no', 'Error: no'])
  expect(await Promise.all([flights.join('a', work), flights.join('b', work)])).toEqual([3, 4])
})

test('the work goes on as long as one of them waits, and is given up with the last', async () => {
  const flights = createFlights<void>()
  const signals: AbortSignal[] = []
  const work = (signal: AbortSignal): Promise<void> => {
    signals.push(signal)
    return new Promise(() => {})
  }
  const [one, two] = [new AbortController(), new AbortController()]
  const waiting = [failure(flights.join('a', work, one.signal)), failure(flights.join('a', work, two.signal))]
  one.abort(new Error('one'))
  expect(String(await waiting[0])).toBe('Error: one')
  expect(signals[0]?.aborted).toBe(false)
  two.abort(new Error('two'))
  expect(String(await waiting[1])).toBe('Error: two')
  expect(signals[0]?.aborted).toBe(true)
  void flights.join('a', work)
  expect(signals).toHaveLength(2)
})

test('whoever has given up already joins nothing', async () => {
  const work = (): never => expect.unreachable()
  expect(await failure(createFlights<void>().join('a', work, AbortSignal.abort('gone')))).toBe('gone')
})
