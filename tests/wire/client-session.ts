import { connect, stdio } from '@bao-mcp/client'
import type { RevisionDate } from '@bao-mcp/protocol'
import { type ChannelTap, channelTap, type Random } from '@bao-mcp/protocol/testing'
import type { Line } from './judge.ts'
import { serverCommand, TOOLS } from './vocabulary.ts'

/** Our own client doing everything it can with a real server process. What fails is not judged here, only what is sent. */
export async function clientSession(random: Random, revision: RevisionDate, steps: number): Promise<readonly Line[]> {
  const inner = stdio(serverCommand)
  const taps: ChannelTap[] = []
  const client = await connect(
    {
      ...inner,
      async open(options) {
        const tap = channelTap(await inner.open(options))
        taps.push(tap)
        return tap
      },
    },
    {
      pin: revision,
      logLevel: 'debug',
      onToolsChanged: () => undefined,
      on: {
        elicitation: {
          form: () =>
            random.pick([{ action: 'accept', content: { field: 'a' } }, { action: 'decline' }, { action: 'cancel' }]),
          url: () => ({ action: random.pick(['accept', 'decline']) }),
        },
        sampling: () =>
          random.chance(0.2) ? 'declined' : { role: 'assistant', content: { type: 'text', text: 't' }, model: 'm' },
        roots: [{ uri: 'file:///a', name: 'a' }],
      },
    },
  )

  const call = (signal?: AbortSignal): Promise<unknown> =>
    client.callTool(
      random.pick(TOOLS),
      random.chance(0.1) ? undefined : { text: 't', n: random.below(9), how: random.pick(['add', 'remove', 'rename']) },
      {
        onProgress: () => undefined,
        signal,
      },
    )

  function giveUp(): Promise<unknown> {
    const controller = new AbortController()
    const given = random.chance(0.5)
      ? call(controller.signal)
      : client.callTool('wait', {}, { signal: controller.signal })
    controller.abort(random.pick([new Error('a whim'), 'a word', undefined, { odd: true }]))
    return given
  }

  const acts: readonly (() => Promise<unknown>)[] = [
    call,
    call,
    call,
    giveUp,
    () => client.listTools(),
    () => client.ping(),
    () => client.setLogLevel(random.pick(['debug', 'error'])),
    () => client.request('tools/list', { cursor: 'x' }),
  ]
  const doing: Promise<unknown>[] = []
  for (let step = 0; step < steps; step++) {
    doing.push(random.pick(acts)())
    if (random.chance(0.3)) await Promise.allSettled(doing)
  }
  await Promise.allSettled(doing)
  await client.close()
  return taps.flatMap(({ lines }) =>
    lines.map(({ way, text }): Line => ({ from: way === 'sent' ? 'client' : 'server', text })),
  )
}
