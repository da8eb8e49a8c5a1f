import { expect, test } from 'bun:test'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { openRequests, takePlace } from './open-requests.ts'

test('a place is given back once, however often that is said', () => {
  const before = openRequests()
  const release = takePlace('one')
  expect(openRequests()).toBe(before + 1)
  release()
  release()
  expect(openRequests()).toBe(before)
})

test('past the limit the refusal names what was not sent and what lifts the limit', () => {
  const limit = openRequests() + 1
  const release = takePlace('tools/call', limit)
  try {
    takePlace('tools/list', limit)
    throw new Error('it was let in')
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ code: 'open_limit', outcome: 'not_run' })
    expect(String(error)).toMatch(/tools\/list was not sent.*BUN_CONFIG_MAX_HTTP_REQUESTS/)
  } finally {
    release()
  }
})
