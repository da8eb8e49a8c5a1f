import { expect, test } from 'bun:test'
import { connect, stdio } from '@bao-mcp/client'
import { openBao } from './drivers/bao.ts'
import { hasNode22, split, underBun, underNode22 } from './launches.ts'
import { converse, type Pair } from './scenarios.ts'

const SPLIT_BIG_BYTES = 20_000

const v1: Pick<Pair, 'unknownTool' | 'wrongArguments' | 'hearsProgressBesideAnswer'> = {
  unknownTool: 'isError',
  wrongArguments: 'isError',
  hearsProgressBesideAnswer: true,
}
const v2 = { ...v1, unknownTool: -32602 }

const pairs: Pair[] = [
  {
    ...v1,
    name: 'our client -> official v1 server',
    era: 'legacy',
    open: () => openBao(underBun('official-v1-server')),
  },
  {
    ...v2,
    name: 'our client -> official v2 server',
    era: 'modern',
    open: () => openBao(underBun('official-v2-server')),
  },
  {
    ...v2,
    name: 'our client, handshake pinned -> official v2 server',
    era: 'legacy',
    open: () => openBao(underBun('official-v2-server'), 'legacy'),
  },
  {
    ...v1,
    name: 'our client -> official v1 server under node 22',
    era: 'legacy',
    open: () => openBao(underNode22('official-v1-server')),
    skip: !hasNode22,
  },
  {
    ...v2,
    name: 'our client -> official v2 server under node 22',
    era: 'modern',
    open: () => openBao(underNode22('official-v2-server')),
    skip: !hasNode22,
  },
  {
    ...v2,
    name: 'our client, handshake pinned -> official v2 server under node 22',
    era: 'legacy',
    open: () => openBao(underNode22('official-v2-server'), 'legacy'),
    skip: !hasNode22,
  },
  {
    ...v1,
    name: 'our client -> pieces of seven bytes -> official v1 server',
    era: 'legacy',
    open: () => openBao(split(underBun('official-v1-server'))),
    bigBytes: SPLIT_BIG_BYTES,
  },
  {
    ...v2,
    name: 'our client -> pieces of seven bytes -> official v2 server',
    era: 'modern',
    open: () => openBao(split(underBun('official-v2-server'))),
    bigBytes: SPLIT_BIG_BYTES,
  },
]

for (const pair of pairs) converse(pair)

test.each(['official-v1-server', 'official-v2-server'])(
  'our client tells how an %s ended in the middle of a call',
  async (server) => {
    await using client = await connect(stdio(underBun(server)))
    const failure: unknown = await client.callTool('exit', { code: 3 }).catch((error: unknown) => error)
    const stderrTail = ['the tool ends the process']
    expect(failure).toMatchObject({ name: 'ConnectionError', code: 'closed', reason: { exitCode: 3, stderrTail } })
  },
)
