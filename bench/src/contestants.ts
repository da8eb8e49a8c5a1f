import { readFileSync } from 'node:fs'

export type ContestantName = 'floor' | 'tmcp' | 'official' | 'ours'

export interface Contestant {
  readonly name: ContestantName
  readonly label: string
  /** Path of the stdio echo server. */
  readonly server: string
  /** Path of the echo server over HTTP; absent when the contestant has none that is installed. */
  readonly http?: string
  /** Path of the one with legacy sessions, where that is another. */
  readonly httpSessions?: string
  /** Path of the same server with plain JSON Schemas instead of Zod ones; measured for its size only. */
  readonly plainServer?: string
  /** Path of the client; absent when the contestant has none. */
  readonly client?: string
  /** Path of the client over HTTP; absent when the contestant has none. */
  readonly httpClient?: string
  /** Path of a manager of many clients; absent when the contestant has none. */
  readonly manager?: string
  /** Packages whose versions are printed. */
  readonly packages: readonly string[]
}

const here = `${import.meta.dir}/contestants`

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'floor',
    label: 'bare Bun',
    server: `${here}/floor/server.ts`,
    http: `${here}/floor/http.ts`,
    client: `${here}/floor/client.ts`,
    httpClient: `${here}/floor/http-client.ts`,
    packages: [],
  },
  {
    name: 'tmcp',
    label: 'tmcp',
    server: `${here}/tmcp/server.ts`,
    packages: ['tmcp', '@tmcp/adapter-zod', '@tmcp/transport-stdio'],
  },
  {
    name: 'official',
    label: 'official SDK',
    server: `${here}/official/server.ts`,
    http: `${here}/official/http.ts`,
    httpSessions: `${here}/official/sessions.ts`,
    plainServer: `${here}/official/plain-server.ts`,
    client: `${here}/official/client.ts`,
    httpClient: `${here}/official/http-client.ts`,
    packages: ['@modelcontextprotocol/server', '@modelcontextprotocol/client'],
  },
  {
    name: 'ours',
    label: 'ours',
    server: `${here}/ours/server.ts`,
    http: `${here}/ours/http.ts`,
    plainServer: `${here}/ours/plain-server.ts`,
    client: `${here}/ours/client.ts`,
    httpClient: `${here}/ours/http-client.ts`,
    manager: `${here}/ours/manager.ts`,
    packages: ['@bao-mcp/protocol', '@bao-mcp/server', '@bao-mcp/client'],
  },
]

/** The stdio server every client is measured against. */
export const BARE_SERVER = `${here}/floor/server.ts`

/** The server every client over HTTP is measured against; with the argument `events` it answers with event streams. */
export const ANSWERING_SERVER = `${here}/floor/http-answers.ts`

/** The installed versions of everything compared, by package name. */
export function contestantVersions(): Record<string, string> {
  const packages = [...CONTESTANTS.flatMap(({ packages }) => packages), 'zod']
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(`${import.meta.dir}/../node_modules/${name}/package.json`, 'utf8'))
  return String(manifest.version)
}
