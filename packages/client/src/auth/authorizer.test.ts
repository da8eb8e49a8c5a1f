import { describe, expect, test } from 'bun:test'
import { failure } from '../testing/failure.test.kit.ts'
import { AuthError } from './auth-error.ts'
import { bearer } from './authorizer.ts'

const request = { method: 'POST', url: new URL('https://mcp.example.com/mcp') }
const unauthorized = { status: 401, headers: new Headers() }

describe('bearer', () => {
  test('sends its token as a header, without a promise [MCP-283]', () => {
    expect(bearer('abc').authorize(request)).toEqual({ authorization: 'Bearer abc' })
  })

  test('asks a function for the token of every request', async () => {
    let count = 0
    const authorizer = bearer(async () => `token-${++count}`)
    expect(await authorizer.authorize(request)).toEqual({ authorization: 'Bearer token-1' })
    expect(await authorizer.authorize(request)).toEqual({ authorization: 'Bearer token-2' })
  })

  test('ends with the first refusal of a token that cannot change', async () => {
    const error = await failure(bearer('secret-token').challenged(unauthorized, request))
    expect(error).toMatchObject({ name: 'AuthError', code: 'rejected', status: 401 })
    expect(Bun.inspect(error)).not.toContain('secret-token')
  })

  test('sends a request again when its function has another token by then, and only then', async () => {
    const tokens = ['old', 'new', 'new']
    const authorizer = bearer(() => tokens.shift() ?? 'none')
    const first = await authorizer.authorize(request)
    expect(await authorizer.challenged(unauthorized, request, { sent: first })).toBe(true)
    const error = await failure(authorizer.challenged(unauthorized, request, { sent: { authorization: 'Bearer new' } }))
    expect(error).toMatchObject({ code: 'rejected' })
  })

  test('names a missing scope as such, and leaves every other 403 alone', async () => {
    const headers = new Headers({ 'www-authenticate': 'Bearer error="insufficient_scope", scope="a b"' })
    const error = await failure(bearer('x').challenged({ status: 403, headers }, request))
    expect(error).toMatchObject({ code: 'insufficient_scope', status: 403, scopes: ['a', 'b'] })
    expect(await bearer('x').challenged({ status: 403, headers: new Headers() }, request)).toBe(false)
  })

  test('tells logins apart and keeps the token to itself', async () => {
    const tokens = ['secret-1', 'secret-2']
    const [one, two] = [bearer(() => tokens.shift() ?? ''), bearer('secret-1')]
    await one.authorize(request)
    const before = one.identity
    expect(two.identity).not.toBe(before)
    await one.authorize(request)
    expect(one.identity).not.toBe(before)
    expect(before + one.identity + two.identity).not.toContain('secret')
  })

  test('says of an empty token that it is empty, and of what is no token what it is', async () => {
    expect(() => bearer('').authorize(request)).toThrow('empty')
    // proof: what an unset variable gives where nobody checks types
    const unset = undefined as unknown as string
    expect(() => bearer(unset)).toThrow(TypeError)
    expect(() => bearer(unset)).toThrow('got undefined')
    expect(() => bearer(() => unset).authorize(request)).toThrow('gave undefined')
  })

  test('ends with the second refusal although its function makes a new token each time', async () => {
    let count = 0
    const authorizer = bearer(() => `t${++count}`)
    const sent = await authorizer.authorize(request)
    expect(await authorizer.challenged(unauthorized, request, { sent, repeats: 0 })).toBe(true)
    const again = await authorizer.authorize(request)
    const error = await failure(authorizer.challenged(unauthorized, request, { sent: again, repeats: 1 }))
    expect(error).toMatchObject({ code: 'rejected' })
  })

  test('knows who is next before anything is sent', async () => {
    let user = 'ada'
    const authorizer = bearer(() => user)
    const ada = await authorizer.identify?.()
    expect(await authorizer.identify?.()).toBe(ada ?? '')
    user = 'bob'
    expect(await authorizer.identify?.()).not.toBe(ada ?? '')
    expect(bearer('x').identify).toBeUndefined()
  })

  test.each(['a b', 'a\r\nx: y', 'ä'])('refuses %j, which would not stay within the header', (token) => {
    expect(() => bearer(token).authorize(request)).toThrow(AuthError)
    expect(() => bearer(token).authorize(request)).toThrow('characters a header may hold')
  })
})
