import type { Direction, MethodRow, MethodTable, NoticeTable } from '../revision.ts'

/** The revisions that open with a handshake, oldest first. */
export const HANDSHAKE_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const
export type HandshakeVersion = (typeof HANDSHAKE_VERSIONS)[number]

type Row<T> = readonly [method: string, row: T, since: HandshakeVersion]

const client: MethodRow = { direction: 'client' }
const server: MethodRow = { direction: 'server' }
const both: MethodRow = { direction: 'both' }

/** @see https://modelcontextprotocol.io/specification/2025-11-25/schema */
const REQUESTS: readonly Row<MethodRow>[] = [
  ['initialize', client, '2024-11-05'],
  ['ping', both, '2024-11-05'],
  ['tools/list', client, '2024-11-05'],
  ['tools/call', client, '2024-11-05'],
  ['resources/list', client, '2024-11-05'],
  ['resources/templates/list', client, '2024-11-05'],
  ['resources/read', client, '2024-11-05'],
  ['resources/subscribe', client, '2024-11-05'],
  ['resources/unsubscribe', client, '2024-11-05'],
  ['prompts/list', client, '2024-11-05'],
  ['prompts/get', client, '2024-11-05'],
  ['completion/complete', client, '2024-11-05'],
  ['logging/setLevel', client, '2024-11-05'],
  ['sampling/createMessage', server, '2024-11-05'],
  ['roots/list', server, '2024-11-05'],
  ['elicitation/create', server, '2025-06-18'],
  ['tasks/get', both, '2025-11-25'],
  ['tasks/result', both, '2025-11-25'],
  ['tasks/list', both, '2025-11-25'],
  ['tasks/cancel', both, '2025-11-25'],
]

const NOTICES: readonly Row<Direction>[] = [
  ['notifications/initialized', 'client', '2024-11-05'],
  ['notifications/cancelled', 'both', '2024-11-05'],
  ['notifications/progress', 'both', '2024-11-05'],
  ['notifications/message', 'server', '2024-11-05'],
  ['notifications/tools/list_changed', 'server', '2024-11-05'],
  ['notifications/prompts/list_changed', 'server', '2024-11-05'],
  ['notifications/resources/list_changed', 'server', '2024-11-05'],
  ['notifications/resources/updated', 'server', '2024-11-05'],
  ['notifications/roots/list_changed', 'client', '2024-11-05'],
  ['notifications/elicitation/complete', 'server', '2025-11-25'],
  ['notifications/tasks/status', 'both', '2025-11-25'],
]

export function requestsOf(version: HandshakeVersion): MethodTable {
  return tableOf(REQUESTS, version)
}

/** What a server may ask the client for while it answers a call. */
export function inputsOf(version: HandshakeVersion): ReadonlySet<string> {
  const inputs = ['sampling/createMessage', 'roots/list', 'elicitation/create']
  const requests = requestsOf(version)
  return new Set(inputs.filter((method) => requests.has(method)))
}

export function noticesOf(version: HandshakeVersion): NoticeTable {
  return tableOf(NOTICES, version)
}

/** Dates compare as strings. */
function tableOf<T>(rows: readonly Row<T>[], version: HandshakeVersion): ReadonlyMap<string, T> {
  return new Map(rows.filter(([, , since]) => since <= version).map(([method, row]) => [method, row]))
}
