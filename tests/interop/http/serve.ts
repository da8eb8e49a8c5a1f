import { type Child, start } from '../../stdio-server/child.ts'
import type { Launch } from '../drivers/driver.ts'
import { fixture, node22 } from '../launches.ts'

export interface HttpFixtureOptions {
  pageSize?: number
  issuer?: string
  serve?: object
}

/** Our server in a process of its own. */
export interface Served extends AsyncDisposable {
  readonly url: URL
  readonly child: Child
}

export type Runtime = 'bun' | 'node 22'

/** Starts our server under a runtime: from its sources under Bun, from what was built under Node. */
export async function serveBao(runtime: Runtime = 'bun', options: HttpFixtureOptions = {}): Promise<Served> {
  const { command, args } = launch(runtime, JSON.stringify(options))
  const child = start([command, ...args])
  await child.says(/listening on \S+\n/)
  const [, url = ''] = /listening on (\S+)\n/.exec(child.stderr) ?? []
  return { url: new URL(url), child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

/** For servers that have to know their URL before they listen. */
export function freePort(): number {
  const probe = Bun.listen({ port: 0, hostname: '127.0.0.1', socket: { data: () => undefined } })
  probe.stop(true)
  return probe.port
}

function launch(runtime: Runtime, options: string): Launch {
  const path = fixture('bao-http-server')
  switch (runtime) {
    case 'bun':
      return { command: process.execPath, args: [path, options] }
    case 'node 22':
      // it strips the types of a fixture by itself
      return { command: node22, args: ['--no-warnings', path, options] }
    default:
      return runtime satisfies never
  }
}
