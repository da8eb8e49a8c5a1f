import { isJsonObject, type JsonObject, type MaybePromise } from '@bao-mcp/protocol/engine'

/** What is known where a value is completed. */
export interface CompletionContext {
  /** Values the user has settled on already, by argument; clients before 2025-06-18 send none. */
  readonly arguments: { readonly [name: string]: string }
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
}

/** What a value may become, best first; only the first 100 are sent. */
export type Suggestions = readonly string[] | { values: readonly string[]; total?: number; hasMore?: boolean }

/** Suggests values for what somebody has typed so far. @param value what that is */
export type Completer = (value: string, context: CompletionContext) => MaybePromise<Suggestions>

/** Completers by argument or variable; null for one that exists and completes nothing. */
export type Completers = ReadonlyMap<string, Completer | null>

/** "Maximum 100 items per response." */
const MAX_VALUES = 100

/**
 * @throws {TypeError} for what is no suggestions
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 */
export function completionResult(suggested: unknown): JsonObject {
  const full = Array.isArray(suggested) ? { values: suggested } : suggested
  if (!isJsonObject(full) || !Array.isArray(full.values) || !full.values.every((one) => typeof one === 'string')) {
    throw new TypeError('a completer gave something that is no list of texts')
  }
  const { values, total, hasMore } = full
  const isCut = values.length > MAX_VALUES
  const all = total ?? (Array.isArray(suggested) ? values.length : undefined)
  return {
    completion: {
      values: values.slice(0, MAX_VALUES),
      ...(all !== undefined && { total: all }),
      hasMore: isCut || hasMore === true,
    },
  }
}

/** @throws {TypeError} for a completer of nothing, or one that is no function */
export function completersOf(
  names: readonly string[],
  given: { readonly [name: string]: Completer | undefined },
  what: string,
): Completers {
  for (const [name, completer] of Object.entries(given)) {
    if (!names.includes(name))
      throw new TypeError(`${what}: it completes ${JSON.stringify(name)}, which it does not have`)
    if (completer !== undefined && typeof completer !== 'function') {
      throw new TypeError(`${what}: what completes ${JSON.stringify(name)} must be a function`)
    }
  }
  return new Map(names.map((name) => [name, (Object.hasOwn(given, name) ? given[name] : undefined) ?? null]))
}

export function completes(completers: Completers): boolean {
  return [...completers.values()].some((one) => one !== null)
}
