import { isJsonObject } from '@bao-mcp/protocol/engine'
import { JIRA_ERROR_CODES, JiraError, type JiraErrorCode } from './jira-error.ts'

/** Characters of a server's words that go into an error. */
const MOST_WORDS = 2_000

/** Codes by HTTP status. */
const BY_STATUS: Readonly<Record<number, JiraErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'unsupported',
  413: 'invalid',
  422: 'invalid',
  429: 'rate_limited',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
}
/** A status among words: "(404)", "(429, after 3 tries)", "401 Client Error", "HTTP 503". */
const STATUS_IN_WORDS = /\((\d{3})[,)]|\b(\d{3}) (?:client|server) error\b|\bhttp (\d{3})\b/i
/** "again in 7 seconds", "retry after 7s". */
const WAIT_IN_WORDS = /\b(?:again|retry)\b[^.]{0,40}?\b(\d{1,6}) ?s(?:econds?)?\b/i

/** What a server calls it that gives neither code nor status; the first that fits. */
const BY_WORDS: readonly (readonly [words: RegExp, code: JiraErrorCode])[] = [
  [/rate.?limit|too many requests/i, 'rate_limited'],
  [/not found|does not exist|no such/i, 'not_found'],
  [/unauthori[sz]ed|authentication|credentials|api token/i, 'unauthorized'],
  [/forbidden|permission|read.only mode/i, 'forbidden'],
  [/conflict/i, 'conflict'],
  [/timed? ?out/i, 'timeout'],
  [/unavailable|unreachable|connection (refused|reset|error)/i, 'unavailable'],
  [/invalid|required|validation|must be|bad request|cannot be/i, 'invalid'],
]
/** Words of the bridge that are not among our codes. */
const ALIASES: Readonly<Record<string, JiraErrorCode>> = {
  ambiguous: 'invalid',
  gone: 'unsupported',
  too_large: 'invalid',
  network: 'unavailable',
  unexpected: 'failed',
}

/** How `@bao-mcp/server` tells of a failure it keeps to its log. */
const MASKED = /^\S+ failed for a reason of its own;/

/** How the failures of a server are to be understood. */
export type Failures =
  /** It gives codes; what has none is a refusal of the input. */
  | 'codes'
  /** It gives words, which are looked through for a status and for what is usually said. */
  | 'words'

/**
 * What a tool's own failure means. A code or a status in `_meta` or in structured content is believed in any case; that
 * nothing was done, only of a server that gives codes. Words never say it: anybody may have written them.
 * @param isWrite then trouble behind the server leaves open whether it was done
 */
export function toolFailure(options: {
  readonly tool: string
  readonly words: string
  readonly isWrite: boolean
  readonly failures: Failures
  readonly evidence?: readonly unknown[]
}): JiraError {
  const { tool, words, isWrite, failures, evidence = [] } = options
  const told = toldBy(evidence)
  const code = told.code ?? (failures === 'codes' ? refusal(words) : codeInWords(words)) ?? 'failed'
  const isTrouble = code === 'timeout' || code === 'unavailable' || code === 'failed'
  const isUndone = told.outcome === 'not_run' && failures === 'codes'
  const isOpen = isWrite && (told.outcome === 'unknown' || (isTrouble && !isUndone))
  const message = words.trim() === '' ? `${tool} failed and did not say why` : `${tool}: ${cut(words.trim())}`
  return new JiraError(isOpen ? 'outcome_unknown' : code, message, {
    tool,
    retryAfterMs: told.retryAfterMs ?? waitInWords(words),
  })
}

/** Undefined for what the server itself could not explain. */
function refusal(words: string): JiraErrorCode | undefined {
  return MASKED.test(words) ? undefined : 'invalid'
}

function codeInWords(words: string): JiraErrorCode | undefined {
  const [, ...groups] = STATUS_IN_WORDS.exec(words) ?? []
  return BY_STATUS[Number(groups.find((one) => one !== undefined))] ?? BY_WORDS.find(([fits]) => fits.test(words))?.[1]
}

function waitInWords(words: string): number | undefined {
  const seconds = WAIT_IN_WORDS.exec(words)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}

interface Told {
  readonly code?: JiraErrorCode | undefined
  readonly retryAfterMs?: number | undefined
  readonly outcome?: unknown
}

/** The first code among the members of what a server sent beside its words. */
function toldBy(evidence: readonly unknown[]): Told {
  for (const one of evidence) {
    if (!isJsonObject(one)) continue
    for (const candidate of [one, ...Object.values(one)]) {
      if (!isJsonObject(candidate)) continue
      const code = codeOf(candidate.code) ?? codeOf(candidate.failure) ?? statusCode(candidate.status)
      if (code === undefined) continue
      const { retryAfterMs, outcome } = candidate
      const isTime = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) && retryAfterMs >= 0
      return { code, outcome, ...(isTime && { retryAfterMs }) }
    }
  }
  return {}
}

function codeOf(value: unknown): JiraErrorCode | undefined {
  if (typeof value !== 'string') return undefined
  return JIRA_ERROR_CODES.find((code) => code === value) ?? (Object.hasOwn(ALIASES, value) ? ALIASES[value] : undefined)
}

function statusCode(value: unknown): JiraErrorCode | undefined {
  return typeof value === 'number' ? BY_STATUS[value] : undefined
}

function cut(words: string): string {
  return words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words
}
