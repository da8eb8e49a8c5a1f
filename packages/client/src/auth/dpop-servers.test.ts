import { describe, expect, test } from 'bun:test'
import { createDpopServers } from './dpop-servers.ts'

const NOW = Date.UTC(2027, 0, 1)
const here = new URL('https://a.example/x')

function answer(
  members: { status?: number; error?: string; nonce?: string; date?: number; sent?: string | null } = {},
) {
  const { status = 401, error, nonce, date, sent } = members
  const headers = new Headers()
  if (nonce !== undefined) headers.set('dpop-nonce', nonce)
  if (date !== undefined) headers.set('date', new Date(date).toUTCString())
  const proof = typeof sent === 'string' ? { dpop: `h.${btoa(JSON.stringify({ nonce: sent }))}.s` } : {}
  return { status, headers, error, sent: sent === undefined ? undefined : proof }
}

describe('a nonce', () => {
  test('is remembered for its origin, from whichever answer brought it', () => {
    const { of, learn } = createDpopServers(() => NOW)
    expect(learn(answer({ status: 200, nonce: 'n1' }), here)).toBe(false)
    expect(learn(answer({ error: 'invalid_token', nonce: 'n2' }), new URL('https://b.example'))).toBe(false)
    expect(of(new URL('https://a.example/other')).nonce).toBe('n1')
    expect(of(new URL('https://b.example/')).nonce).toBe('n2')
    expect(of(new URL('http://a.example/')).nonce).toBeUndefined()
  })

  test('is a reason to send the request again unless it was in it, or there was no proof at all', () => {
    const { learn } = createDpopServers(() => NOW)
    const wanted = { error: 'use_dpop_nonce', nonce: 'n1' }
    expect(learn(answer(wanted), here)).toBe(true)
    expect(learn(answer({ ...wanted, sent: 'n0' }), here)).toBe(true)
    expect(learn(answer({ ...wanted, sent: 'n1' }), here)).toBe(false)
    expect(learn(answer({ ...wanted, sent: null }), here)).toBe(false)
    expect(learn(answer({ error: 'use_dpop_nonce', sent: 'n0' }), here)).toBe(false)
    expect(learn({ ...answer(wanted), sent: { dpop: 'a.b.c' } }, here)).toBe(true)
  })

  test.each(['a b', 'a"b', 'x'.repeat(1025)])('that no proof may hold is not sent back (%#)', (nonce) => {
    const { of, learn } = createDpopServers(() => NOW)
    expect(learn(answer({ error: 'use_dpop_nonce', nonce }), here)).toBe(false)
    expect(of(here).nonce).toBeUndefined()
  })

  test('is remembered for so many servers and no more', () => {
    const { of, learn } = createDpopServers(() => NOW)
    for (let port = 1; port <= 101; port++) learn(answer({ nonce: 'n' }), new URL(`https://a.example:${port}`))
    expect(of(new URL('https://a.example:1')).nonce).toBeUndefined()
    expect(of(new URL('https://a.example:2')).nonce).toBe('n')
  })
})

describe('the clock of a server', () => {
  test('counts where a proof was refused and it differs enough, once', () => {
    const { of, learn } = createDpopServers(() => NOW)
    const refused = { error: 'invalid_dpop_proof', date: NOW - 90_000 }
    learn(answer({ nonce: 'n1' }), here)
    expect(learn(answer(refused), here)).toBe(true)
    expect(of(here)).toEqual({ nonce: 'n1', skewMs: -90_000 })
    expect(learn(answer(refused), here)).toBe(false)
    expect(of(new URL('https://b.example')).skewMs).toBe(0)
  })

  test.each([
    { error: 'invalid_dpop_proof', date: NOW + 20_000 },
    { error: 'invalid_dpop_proof' },
    { error: 'invalid_token', date: NOW + 90_000 },
    { status: 200, date: NOW + 90_000 },
  ])('does not count otherwise (%#)', (members) => {
    const { of, learn } = createDpopServers(() => NOW)
    expect(learn(answer(members), here)).toBe(false)
    expect(of(here).skewMs).toBe(0)
  })
})
