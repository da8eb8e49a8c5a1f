import { expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import type { Responder } from '../jsonrpc/caller.ts'
import type { Channel } from '../jsonrpc/channel.ts'
import { createPeer } from '../jsonrpc/peer.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { playTranscript } from './transcript.ts'

const responder: Responder = {
  request: ({ method, params }) => (method === 'echo' ? { ...params } : { method }),
  notice() {
    // nothing to tell
  },
}

function serve(channel: Channel): void {
  createPeer(channel, responder, { conventions: mcpConventions, answersRubbish: true })
}

function play(text: string, patienceMs = 5): Promise<void> {
  return playTranscript(text, { serve, patienceMs })
}

/** Calls the other side as soon as it starts. */
function calling(clock: FakeClock): (channel: Channel) => void {
  return (channel) => {
    const peer = createPeer(channel, responder, { conventions: mcpConventions, clock, timeoutMs: 500 })
    void peer.request('ping').catch(() => peer[Symbol.asyncDispose]())
  }
}

test('plays what a server answers, with comments, continuations and raw lines', async () => {
  await play(`
    # a comment
    > {"jsonrpc":"2.0","id":1,
        "method":"echo","params":{"a":1}}
    < {"jsonrpc":"2.0","id":1,"result":{"a":1}}

    > this is not JSON
    < {"jsonrpc":"2.0","error":{"code":-32700,"message":*}}
  `)
})

test('lets neighbouring lines of one group come in any order', async () => {
  await play(`
    > {"jsonrpc":"2.0","id":1,"method":"a"}
    > {"jsonrpc":"2.0","id":2,"method":"b"}
    <~ {"jsonrpc":"2.0","id":2, ...}
    <~ {"jsonrpc":"2.0","id":1, ...}
  `)
})

test('says where an answer differs, and what came before', async () => {
  const wrong = play(`
    > {"jsonrpc":"2.0","id":1,"method":"a"}
    < {"jsonrpc":"2.0","id":1,"result":{"method":"b"}}
  `)
  await expect(wrong).rejects.toThrow(
    [
      'line 3: at result.method: expected "b", got "a"',
      '  expected < {"jsonrpc":"2.0","id":1,"result":{"method":"b"}}',
      '  got      < {"jsonrpc":"2.0","id":1,"result":{"method":"a"}}',
      'after',
      '  > {"jsonrpc":"2.0","id":1,"method":"a"}',
      '  < {"jsonrpc":"2.0","id":1,"result":{"method":"a"}}',
    ].join('\n'),
  )
})

test('fails when the server says nothing, too much, or nothing of a group', async () => {
  await expect(play('< {"jsonrpc":"2.0", ...}')).rejects.toThrow('line 1: the server said nothing more')
  await expect(play('> {"jsonrpc":"2.0","id":1,"method":"a"}')).rejects.toThrow('the transcript is over')
  const group = '> {"jsonrpc":"2.0","id":1,"method":"a"}\n<~ {"id":2, ...}\n<~ {"id":3, ...}'
  await expect(play(group)).rejects.toThrow('line 2: none of the expected lines fits')
})

test('moves the clock of what is tested, and sees it close the channel', async () => {
  const clock = createFakeClock()
  const text = `
    < {"jsonrpc":"2.0","id":1,"method":"ping"}
    @advance 500
    < {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":*}}
    @closed
  `
  await playTranscript(text, { serve: calling(clock), clock, patienceMs: 5 })
})

test('ends the input, and the channel', async () => {
  const clock = createFakeClock()
  const said = '< {"jsonrpc":"2.0","id":1,"method":"ping"}'
  await playTranscript(`${said}\n@eof\n@closed`, { serve: calling(clock) })
  await playTranscript(`${said}\n@close\n@closed`, { serve: calling(clock) })
  const patient = playTranscript(`${said}\n@closed`, { serve: calling(clock), patienceMs: 5 })
  await expect(patient).rejects.toThrow('line 2: the server did not close the channel')
})

test('refuses what is no transcript, by line', async () => {
  await expect(play('\nhello')).rejects.toThrow('line 2 of the transcript begins with none of')
  await expect(play('< {nope}')).rejects.toThrow('line 1 of the transcript expects what is not JSON')
  await expect(play('@advance 5')).rejects.toThrow('@advance needs a clock')
  await expect(play('@advance')).rejects.toThrow(SyntaxError)
  await expect(play('@eof 5')).rejects.toThrow(SyntaxError)
})
