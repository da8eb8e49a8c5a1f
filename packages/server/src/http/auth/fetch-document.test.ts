import { expect, test } from 'bun:test'
import { fakeClock } from '../../../test/kit.ts'
import { DocumentError, type Fetch, fetchDocument } from './fetch-document.ts'

const url = new URL('https://login.example.com/keys')

async function fault(fetch: Fetch, maxBytes: number = 100): Promise<string> {
  const thrown = await fetchDocument(url, { fetch, clock: fakeClock(), timeoutMs: 1000, maxBytes }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (thrown instanceof DocumentError) return thrown.message
  throw thrown
}

test('a document is what the URL answers', async () => {
  const asked: string[] = []
  const fetch: Fetch = async (address, { redirect, headers }) => {
    asked.push(address, redirect, headers.accept ?? '')
    return Response.json({ a: 'ä' })
  }
  const limits = { fetch, clock: fakeClock(), timeoutMs: 1000, maxBytes: 10 }
  expect(await fetchDocument(url, limits)).toEqual({ a: 'ä' })
  expect(asked).toEqual([url.href, 'manual', 'application/json'])
})

test.each([
  ['a redirect', () => Response.redirect('http://169.254.169.254/', 302), 'answered 302, expected 200'],
  ['an error', () => new Response('{}', { status: 500 }), 'answered 500, expected 200'],
  ['a page', () => new Response('<html>'), 'answered something that is no JSON'],
  ['a list', () => Response.json([]), 'answered something that is no JSON object'],
  ['a flood', () => new Response('x'.repeat(101)), 'is longer than 100 bytes'],
])('%s is no document', async (_, answer, words) => {
  expect(await fault(async () => answer())).toBe(`${url.href} ${words}`)
})

test('a flood is not read to its end', async () => {
  let sent = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++
      controller.enqueue(new Uint8Array(60))
    },
    cancel() {
      cancelled = true
    },
  })
  expect(await fault(async () => new Response(body))).toContain('is longer than 100 bytes')
  expect(cancelled).toBe(true)
  expect(sent).toBeLessThan(10)
})

test('a server that does not answer is waited for no longer than the limit, and no timer is left', async () => {
  let timers = 0
  const inner = fakeClock()
  const clock = {
    now: inner.now,
    after(ms: number, fn: () => void) {
      timers++
      const stop = inner.after(ms, fn)
      return () => {
        timers--
        stop()
      }
    },
  }
  const fetch: Fetch = (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const fetching = fetchDocument(url, { fetch, clock, timeoutMs: 1000, maxBytes: 10 })
  inner.advance(1000)
  await expect(fetching).rejects.toThrow(`${url.href} was not there within 1000 ms`)
  expect(timers).toBe(0)
})

test('a server that cannot be reached is named, with the cause', async () => {
  const cause = new Error('refused')
  const fetch: Fetch = () => Promise.reject(cause)
  const fetching = fetchDocument(url, { fetch, clock: fakeClock(), timeoutMs: 1000, maxBytes: 10 })
  await expect(fetching).rejects.toHaveProperty('cause', cause)
})
