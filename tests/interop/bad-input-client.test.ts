import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ConnectionError, connect, InvalidResultError, RpcError, ServerStartError, stdio } from '@bao-mcp/client'
import { connectScripted, failureOf } from './scripted.ts'

setDefaultTimeout(15_000)

describe.each(['modern', 'legacy'] as const)('our client in the %s era', (era) => {
  test.each(['crlf', 'mark', 'noise', 'twice', 'proto_member', 'deep', 'progress_after', 'batch'])(
    'reads the answer in spite of %s, and goes on',
    async (misconduct) => {
      await using server = await connectScripted(era)
      expect(await server.call(misconduct)).toBe('good')
      expect(await server.call('extra_member')).toBe('good')
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )

  test.each(['result_number', 'result_null', 'result_and_error', 'no_result', 'no_jsonrpc', 'not_utf8', 'cut_off'])(
    'rejects a call whose answer is %s with the code unanswerable, and goes on',
    async (misconduct) => {
      await using server = await connectScripted(era)
      const failure = await failureOf(server.call(misconduct))
      expect(failure).toBeInstanceOf(ConnectionError)
      expect(failure).toMatchObject({ code: 'unanswerable' })
      expect(await server.call('extra_member')).toBe('good')
    },
  )

  test('rejects a result that is none of a tool', async () => {
    await using server = await connectScripted(era)
    expect(await failureOf(server.call('content_string'))).toBeInstanceOf(InvalidResultError)
    expect(await server.call('extra_member')).toBe('good')
  })

  test('fails the call whose answer is over maxMessageBytes, and no other', async () => {
    await using server = await connectScripted(era, { maxMessageBytes: 1_000_000 })
    expect(await failureOf(server.call('long'))).toMatchObject({ code: 'too_large' })
    expect(await server.call('extra_member')).toBe('good')
  })

  test('hears all progress that arrives in one chunk with the answer, before the answer [MCP-063]', async () => {
    await using server = await connectScripted(era)
    const heard: unknown[] = []
    heard.push(await server.call('progress_in_chunk', (progress) => heard.push(progress)))
    expect(heard).toEqual([1, 2, 3, 'good'])
  })

  test('reports answers and progress that come too late', async () => {
    await using server = await connectScripted(era)
    await server.call('twice')
    await server.call('progress_after')
    await server.call('extra_member')
    expect(server.strays.map(({ kind }) => kind)).toEqual(['unknown_id', 'late_notice'])
  })

  test('names the exit code and the last words of a server that ends in the middle of a call', async () => {
    await using server = await connectScripted(era)
    const failure = await failureOf(server.call('die'))
    expect(failure).toMatchObject({ code: 'closed', reason: { exitCode: 3, stderrTail: ['out of cheese'] } })
    expect(String(failure)).toContain('out of cheese')
    expect(await server.client.closed).toMatchObject({ kind: 'failed', exitCode: 3 })
    expect(await failureOf(server.call('extra_member'))).toMatchObject({ code: 'closed' })
  })

  test('names the signal that ended a server', async () => {
    await using server = await connectScripted(era)
    expect(await failureOf(server.call('die_by_signal'))).toMatchObject({
      code: 'closed',
      reason: { signal: 'SIGKILL' },
    })
  })
})

describe('our client in the legacy era', () => {
  test('answers a ping of the server [MCP-055]', async () => {
    await using server = await connectScripted('legacy')
    expect(JSON.parse((await server.call('ping')) ?? '')).toEqual({ jsonrpc: '2.0', id: 'q', result: {} })
  })

  test('refuses a request of the server that nobody knows', async () => {
    await using server = await connectScripted('legacy')
    expect(JSON.parse((await server.call('unknown_request')) ?? '')).toMatchObject({ id: 'q', error: { code: -32601 } })
  })

  test('takes a batch of answers where the version has batches [MCP-008]', async () => {
    await using server = await connectScripted('legacy', { pin: '2025-03-26' })
    expect(await server.call('batch')).toBe('good')
  })

  test('does not say initialized before the answer, and says it once [MCP-049]', async () => {
    await using server = await connectScripted('legacy')
    const heard: { method: string }[] = JSON.parse((await server.call('heard')) ?? '')
    expect(heard.map(({ method }) => method)).toEqual(['initialize', 'notifications/initialized'])
  })
})

describe('our client in the modern era', () => {
  test('answers no request of the server, and reports it [MCP-020]', async () => {
    await using server = await connectScripted('modern')
    expect(await server.call('request_and_answer')).toBe('good')
    const heard: { method?: string }[] = JSON.parse((await server.call('heard')) ?? '')
    expect(heard.map(({ method }) => method)).toEqual(['server/discover'])
    expect(server.strays.map(({ kind }) => kind)).toEqual(['invalid'])
  })

  test('rejects a result of a type nobody announced [MCP-013]', async () => {
    await using server = await connectScripted('modern')
    expect(await failureOf(server.call('result_type'))).toBeInstanceOf(InvalidResultError)
    expect(await server.call('extra_member')).toBe('good')
  })
})

describe('our client without a server', () => {
  test('ends the calls of a server that closes its stdout and lives on', async () => {
    const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'sh', version: '1' } }
    const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, result })
    const script = `read -r hello; echo '${hello}'; read -r initialized; read -r call; exec 1>&-; read -r rest`
    await using client = await connect(stdio({ command: 'sh', args: ['-c', script] }), { pin: 'legacy' })
    const failure = await failureOf(client.callTool('any'))
    expect(failure).toMatchObject({ code: 'closed', reason: { kind: 'remote' } })
  })

  test('says that a command does not exist', async () => {
    const failure = await failureOf(connect(stdio({ command: '/no/such/command' })))
    expect(failure).toBeInstanceOf(ServerStartError)
    expect(String(failure)).toContain('/no/such/command')
  })

  test.each([undefined, 'legacy', 'modern'])('says how a server ended that never spoke (pin %p)', async (pin) => {
    const script = 'process.stderr.write("no licence\\n"); process.exitCode = 4'
    const server = stdio({ command: process.execPath, args: ['-e', script] })
    const failure = await failureOf(connect(server, { ...(pin !== undefined && { pin }) }))
    expect(failure).toBeInstanceOf(ServerStartError)
    expect(failure).toMatchObject({ exitCode: 4, stderrTail: ['no licence'] })
  })

  test('gives up connecting to a server that says nothing', async () => {
    const server = stdio({ command: process.execPath, args: ['-e', 'process.stdin.resume()'] })
    const failure = await failureOf(connect(server, { connectTimeoutMs: 300 }))
    expect(failure).toMatchObject({ name: 'ConnectionError', code: 'timeout' })
    expect(failure).not.toBeInstanceOf(RpcError)
  })
})
