import { describe, expect, test } from 'bun:test'
import { BARE_SERVER } from './contestants.ts'
import { openServer, RefusedError } from './pipe-driver.ts'
import { ERAS, makeTexts, REVISION } from './wire.ts'

const TEXTS = makeTexts(16, 64)
const burst = { calls: 200, inFlight: 8, texts: TEXTS, timeoutMs: 20_000 }

/** A server that answers each line with what the expression says; `asked` is the parsed request. */
function scripted(answer: string): string[] {
  const script = `
    import { createInterface } from 'node:readline'
    const opened = { protocolVersion: '2025-11-25' }
    const echo = ({ text }) => ({ content: [{ type: 'text', text }], structuredContent: { text } })
    for await (const line of createInterface({ input: process.stdin })) {
      const asked = JSON.parse(line)
      if (asked.id === undefined) continue
      const answer = asked.method === 'initialize' ? { id: asked.id, result: opened } : (${answer})
      process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...answer }) + '\\n')
    }`
  return [process.execPath, '-e', script]
}

const RIGHT = '{ id: asked.id, result: echo(asked.params.arguments) }'

describe('openServer', () => {
  test('drives the bare server in both eras and knows when the first bytes came', async () => {
    for (const era of ERAS) {
      await using server = await openServer([process.execPath, BARE_SERVER], era)
      expect(server.speaks).toBe(REVISION[era])
      expect(server.firstByteMs).toBeGreaterThan(0)
      await server.burst(burst)
      await server.burst({ ...burst, inFlight: 1, calls: 3 })
    }
  })

  test('accepts a right answer of any server', async () => {
    await using server = await openServer(scripted(RIGHT), 'legacy')
    await server.burst(burst)
  })

  test('notices an answer with the text of another call', async () => {
    await using server = await openServer(scripted("{ id: asked.id, result: echo({ text: 'other' }) }"), 'legacy')
    await expect(server.burst(burst)).rejects.toThrow('structuredContent.text is not the text that was sent')
  })

  test('notices an answer to a call that was not made', async () => {
    await using server = await openServer(scripted('{ id: asked.id + 1000, result: {} }'), 'legacy')
    await expect(server.burst(burst)).rejects.toThrow('which was not asked')
  })

  test('notices a call that fails', async () => {
    await using server = await openServer(
      scripted("{ id: asked.id, error: { code: -32603, message: 'no' } }"),
      'legacy',
    )
    await expect(server.burst(burst)).rejects.toThrow('-32603 no')
  })

  test('tells the exit code and the last words of a server that ends', async () => {
    const server = scripted("(console.error('out of luck'), process.exit(3))")
    await using pipe = await openServer(server, 'legacy')
    await expect(pipe.burst(burst)).rejects.toThrow('the server ended with code 3: out of luck')
  })

  test('calls an era that is refused a refusal, not a failure', async () => {
    const refusing = scripted("{ id: asked.id, error: { code: -32601, message: 'method not found' } }")
    const opening = openServer(refusing, 'modern')
    await expect(opening).rejects.toBeInstanceOf(RefusedError)
    await expect(opening).rejects.toThrow('refuses 2026-07-28: -32601 method not found')
  })
})
