import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Client, connect, RpcError, stdio, type Transport } from '@bao-mcp/client'
import type { Channel } from '@bao-mcp/protocol/engine'
import { eras, playTranscript, type RecordedChannel, recordChannel } from '@bao-mcp/protocol/testing'
import { serveChannel } from '@bao-mcp/server'
import { echoServer } from '../../apps/echo/src/echo.ts'

// BAO_RECORD=1 bun test tests/transcripts writes the recordings anew
const isRecording = process.env.BAO_RECORD === '1'
const main = join(import.meta.dirname, '../../apps/echo/src/main.ts')
const info = { name: 'transcripts', version: '1.0.0' }

function recordingOf(era: string): Bun.BunFile {
  return Bun.file(join(import.meta.dirname, `echo.${era}.txt`))
}

/** What is recorded, and done again by every client that is played to. */
async function converse(client: Client): Promise<unknown> {
  const tools = await client.listTools()
  const { structured } = await client.callTool('echo', { text: 'grüße 🎉' })
  const { isError } = await client.callTool('echo', { text: 5 })
  const unknown = await client.callTool('shout', {}).catch((error: unknown) => error)
  return {
    tools: tools.map(({ name }) => name),
    structured,
    isError,
    unknown: unknown instanceof RpcError && unknown.code,
  }
}

const OUTCOME = { tools: ['echo', 'slow_echo'], structured: { text: 'grüße 🎉' }, isError: true, unknown: -32602 }

function over(channel: Channel): Transport {
  return { name: 'transcript', identity: 'transcript', silenceIsEvidence: true, open: async () => channel }
}

if (isRecording)
  test.each(eras)('the conversation of the %s era is recorded from a real process', async (era) => {
    const real = stdio({ command: process.execPath, args: [main] })
    let recorded: RecordedChannel | undefined
    const transport: Transport = {
      ...real,
      async open(options) {
        recorded = recordChannel(await real.open(options), { end: 'client' })
        return recorded
      },
    }
    {
      await using client = await connect(transport, { pin: era, info })
      expect(await converse(client)).toEqual(OUTCOME)
    }
    await Bun.write(recordingOf(era), recorded?.transcript() ?? '')
  })

test.each(eras)('our server answers as it was recorded in the %s era', async (era) => {
  await playTranscript(await recordingOf(era).text(), {
    serve: (channel) => void serveChannel(echoServer, channel),
  })
})

test.each(eras)('our client asks as it was recorded in the %s era, and understands the answers', async (era) => {
  let outcome: unknown
  await playTranscript(await recordingOf(era).text(), {
    async connect(channel) {
      await using client = await connect(over(channel), { pin: era, info })
      outcome = await converse(client)
    },
  })
  expect(outcome).toEqual(OUTCOME)
})
