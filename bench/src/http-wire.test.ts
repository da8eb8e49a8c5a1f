import { describe, expect, test } from 'bun:test'
import { callBodies, callHeaders, endRequest, initializedRequest, messageIn, streamRequest } from './http-wire.ts'
import { ERAS, REVISION } from './wire.ts'

describe('requests', () => {
  test('have their place as their id, and no newline, so that they are lines of one file', () => {
    for (const era of ERAS) {
      const bodies = callBodies(era, ['zero', 'one'])
      expect(bodies.join('')).not.toContain('\n')
      expect(bodies.map((body) => JSON.parse(body).id)).toEqual([0, 1])
      expect(bodies.map((body) => JSON.parse(body).params.arguments.text)).toEqual(['zero', 'one'])
    }
  })

  test('repeat in their head what modern servers check', () => {
    expect(callHeaders('modern', undefined)).toMatchObject({
      'mcp-protocol-version': REVISION.modern,
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    })
    const { headers, body = '' } = streamRequest('modern', undefined)
    expect(headers['mcp-method']).toBe(JSON.parse(body).method)
    expect(headers).not.toHaveProperty('mcp-name')
  })

  test('carry the session in legacy, where there is one', () => {
    const heads = [callHeaders('legacy', 's'), initializedRequest('s').headers, endRequest('s').headers]
    for (const headers of [...heads, streamRequest('legacy', 's').headers]) {
      expect(headers).toMatchObject({ 'mcp-session-id': 's', 'mcp-protocol-version': REVISION.legacy })
    }
    expect(callHeaders('legacy', undefined)).not.toHaveProperty('mcp-session-id')
  })
})

describe('messageIn', () => {
  test('reads a body, and the last event of a stream', () => {
    expect(messageIn('application/json', '{"id":1}')).toEqual({ id: 1 })
    const events = 'event: message\ndata: {"id":1}\n\nevent: message\ndata: {"id":2}\n\n'
    expect(messageIn('text/event-stream; charset=utf-8', events)).toEqual({ id: 2 })
  })

  test('a stream without any event is a failure', () => {
    expect(() => messageIn('text/event-stream', ':\n\n')).toThrow('without data')
  })
})
