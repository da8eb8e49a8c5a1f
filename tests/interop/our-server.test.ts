import { openOfficialV1 } from './drivers/official-v1.ts'
import { openOfficialV2 } from './drivers/official-v2.ts'
import { split, underBun } from './launches.ts'
import { converse, type Pair } from './scenarios.ts'

const MODERN = '2026-07-28'
const SPLIT_BIG_BYTES = 20_000

const bao = underBun('bao-server')
const ours: Pick<Pair, 'unknownTool' | 'wrongArguments' | 'hearsProgressBesideAnswer'> = {
  unknownTool: -32602,
  wrongArguments: 'isError',
  // the official clients handle progress a tick after answers
  hearsProgressBesideAnswer: false,
}

const pairs: Pair[] = [
  { ...ours, name: 'official v1 client -> our server', era: 'legacy', open: () => openOfficialV1(bao) },
  {
    ...ours,
    name: 'official v2 client with the handshake -> our server',
    era: 'legacy',
    open: () => openOfficialV2(bao, { mode: 'legacy' }),
  },
  {
    ...ours,
    name: 'official v2 client that asks -> our server',
    era: 'modern',
    open: () => openOfficialV2(bao, { mode: 'auto' }),
  },
  {
    ...ours,
    name: `official v2 client pinned to ${MODERN} -> our server`,
    era: 'modern',
    open: () => openOfficialV2(bao, { mode: { pin: MODERN } }),
  },
  {
    ...ours,
    name: 'official v1 client -> pieces of seven bytes -> our server',
    era: 'legacy',
    open: () => openOfficialV1(split(bao)),
    bigBytes: SPLIT_BIG_BYTES,
  },
  {
    ...ours,
    name: `official v2 client pinned to ${MODERN} -> pieces of seven bytes -> our server`,
    era: 'modern',
    open: () => openOfficialV2(split(bao), { mode: { pin: MODERN } }),
    bigBytes: SPLIT_BIG_BYTES,
  },
]

for (const pair of pairs) converse(pair)
