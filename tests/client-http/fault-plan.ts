import { numbers } from '../http-hostile/random.ts'

/** What happens to one request and its response on the way. */
export type Fault =
  | { kind: 'none' }
  /** The connection ends; the server never hears of the request. */
  | { kind: 'drop_request'; reset: boolean }
  /** Nobody answers; the server never hears of the request. */
  | { kind: 'hang_request' }
  /** Somebody in between answers; the server never hears of the request. */
  | { kind: 'refuse'; status: number; body: string; headers?: Readonly<Record<string, string>> }
  /** The server has answered, and the connection ends. */
  | { kind: 'drop_answer'; reset: boolean }
  /** The server has answered, and somebody in between answers otherwise. */
  | { kind: 'replace'; status: number; type: string; body: string }
  /** The server has answered, and nobody passes it on. */
  | { kind: 'hang_answer' }
  | { kind: 'delay'; ms: number }
  /** Bytes of the body that come; then the connection ends, the body ends, or nothing more comes. */
  | { kind: 'truncate'; bytes: number; end: 'cut' | 'whole' | 'hang' }
  /** Bytes of each piece the body comes in. */
  | { kind: 'split'; bytes: number }
  /** The body comes twice. */
  | { kind: 'duplicate' }
  /** This text stands in front of the body. */
  | { kind: 'prefix'; text: string }
  /** The answer has the id of another call. */
  | { kind: 'change_id' }
  /** The head is none. */
  | { kind: 'bad_head' }

const REFUSALS = [400, 401, 403, 404, 408, 429, 500, 502, 503, 504]
const REPLACED = [500, 502, 503, 504]
const HTML = '<!doctype html><title>gateway</title>'
const ERROR_WITHOUT_ID = '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"somewhere"}}'

type Make = (below: (limit: number) => number) => Fault

const MAKES: readonly Make[] = [
  (below) => ({ kind: 'drop_request', reset: below(2) === 0 }),
  () => ({ kind: 'hang_request' }),
  (below) => ({ kind: 'refuse', status: REFUSALS[below(REFUSALS.length)] ?? 500, body: below(2) === 0 ? HTML : '' }),
  (below) => ({ kind: 'refuse', status: 503, body: '', headers: { 'retry-after': String(below(2)) } }),
  (below) => ({ kind: 'refuse', status: below(2) === 0 ? 302 : 307, body: '', headers: { location: '/elsewhere' } }),
  (below) => ({ kind: 'drop_answer', reset: below(2) === 0 }),
  (below) => ({ kind: 'replace', status: REPLACED[below(4)] ?? 500, type: 'text/html', body: HTML }),
  () => ({ kind: 'replace', status: 200, type: 'text/html', body: HTML }),
  () => ({ kind: 'replace', status: 202, type: 'application/json', body: '' }),
  () => ({ kind: 'replace', status: 200, type: 'application/json', body: '' }),
  () => ({ kind: 'replace', status: 200, type: 'application/json', body: ERROR_WITHOUT_ID }),
  () => ({ kind: 'replace', status: 200, type: 'application/json', body: 'null' }),
  () => ({ kind: 'replace', status: 200, type: 'text/event-stream', body: ': nothing\n\n' }),
  () => ({ kind: 'replace', status: 200, type: 'text/event-stream', body: `data: ${ERROR_WITHOUT_ID}\n\n` }),
  () => ({ kind: 'replace', status: 200, type: 'application/json', body: `"${'x'.repeat(100_000)}"` }),
  () => ({ kind: 'hang_answer' }),
  (below) => ({ kind: 'delay', ms: below(8) }),
  (below) => ({ kind: 'truncate', bytes: below(200), end: 'cut' }),
  (below) => ({ kind: 'truncate', bytes: below(200), end: 'whole' }),
  (below) => ({ kind: 'truncate', bytes: below(200), end: 'hang' }),
  (below) => ({ kind: 'split', bytes: 1 + below(9) }),
  () => ({ kind: 'duplicate' }),
  (below) => ({ kind: 'prefix', text: below(2) === 0 ? 'a line of a log\n' : '\ufeff' }),
  () => ({ kind: 'change_id' }),
  () => ({ kind: 'bad_head' }),
]

/** The fault of one request: the same for the same seed and name, in whatever order requests come. */
export function faultFor(seed: number, name: string, percent: number): Fault {
  const below = numbers(seed ^ Number(Bun.hash.crc32(name)))
  // the first numbers of near seeds are near as well
  for (let spin = 0; spin < 8; spin++) below(2)
  if (below(100) >= percent) return { kind: 'none' }
  return MAKES[below(MAKES.length)]?.(below) ?? { kind: 'none' }
}
