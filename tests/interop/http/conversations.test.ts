import type { Driver } from '../drivers/driver.ts'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { hasNode22 } from '../launches.ts'
import { converse, type Pair } from '../scenarios.ts'
import { clients, type HttpClient } from './clients.ts'
import { splitHttp } from './proxy.ts'
import { type Runtime, serveBao } from './serve.ts'

const SPLIT_BIG_BYTES = 20_000

const ours: Pick<Pair, 'unknownTool' | 'wrongArguments' | 'hearsProgressBesideAnswer' | 'serverLivesOn'> = {
  unknownTool: -32602,
  wrongArguments: 'isError',
  // the official clients handle progress a tick after answers
  hearsProgressBesideAnswer: false,
  serverLivesOn: true,
}

/** Connects a client to a server process of its own, which ends with it. */
async function openAlone(client: HttpClient, runtime: Runtime, split: boolean): Promise<Driver> {
  await using ends = new AsyncDisposableStack()
  const { url } = ends.use(await serveBao(runtime))
  const driver = await client.open(split ? ends.use(await splitHttp(url)).url : url)
  ends.defer(() => driver.close())
  const all = ends.move()
  return withEnd(driver, () => all.disposeAsync())
}

for (const client of clients) {
  const { name, era, version } = client
  const pair = { ...ours, era, isPlain: version < '2025-06-18' }
  converse({ ...pair, name: `${name} -> HTTP -> our server`, open: () => openAlone(client, 'bun', false) })
  converse({
    ...pair,
    name: `${name} -> HTTP in pieces of seven bytes -> our server`,
    open: () => openAlone(client, 'bun', true),
    bigBytes: SPLIT_BIG_BYTES,
  })
  converse({
    ...pair,
    name: `${name} -> HTTP -> our server under node 22`,
    open: () => openAlone(client, 'node 22', false),
    skip: !hasNode22,
  })
}

/** The same driver, with more to end. */
function withEnd(driver: HttpDriver, end: () => Promise<void>): Driver {
  return Object.defineProperty(driver, Symbol.asyncDispose, { value: end })
}
