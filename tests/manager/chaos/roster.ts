import { join } from 'node:path'

type Maker = 'ours' | 'official-v1' | 'official-v2' | 'tmcp'

/** One of the servers, as a command and as somebody to connect to. */
export interface Member {
  readonly name: string
  readonly script: string
  readonly way: 'stdio' | 'http' | 'sse'
  /** Era it is spoken to in; undefined to let the client find out. */
  readonly pin: 'legacy' | undefined
  /** Whether it remembers its clients, and may forget them. */
  readonly hasSessions: boolean
}

const MAKERS: readonly [Maker, Member['way'], times: number, pin?: 'legacy'][] = [
  ['ours', 'stdio', 2],
  ['ours', 'stdio', 1, 'legacy'],
  ['official-v1', 'stdio', 2],
  ['official-v2', 'stdio', 3],
  ['tmcp', 'stdio', 2],
  ['ours', 'http', 2],
  ['ours', 'http', 2, 'legacy'],
  ['official-v1', 'http', 2],
  ['official-v1', 'sse', 1],
  ['official-v2', 'http', 2],
  ['tmcp', 'http', 1],
]

/** Twenty servers of four makers, half of them over HTTP. */
export const ROSTER: readonly Member[] = MAKERS.flatMap(([maker, way, times, pin]) =>
  Array.from({ length: times }, (_, nth) => ({
    name: [maker, way, pin, nth + 1].filter((part) => part !== undefined).join('-'),
    script: join(import.meta.dir, 'fixtures', `${maker}.ts`),
    way,
    pin,
    hasSessions: way !== 'stdio' && (pin === 'legacy' || maker === 'official-v1' || maker === 'tmcp'),
  })),
)
