import { isJsonObject, type JsonObject } from '../jsonrpc/message.ts'
import { META } from '../names.ts'
import { ANY_VALUE, mismatch } from './pattern.ts'

/** What a recording calls by a name stands for something else in every replay; here is for what in this one. */
export interface Bindings {
  /** The first difference, as {@link mismatch}; where there is none, what stands for what is known from now on. */
  fit(pattern: unknown, value: unknown): string | undefined
  /** A recorded line as it has to be said in this replay. */
  fill(text: string): string
}

const HIDDEN = /<hidden \d+>/
const ALL_HIDDEN = /<hidden \d+>/g

/** The placeholder of the `n`th value that a recording hides. */
export function hidden(n: number): string {
  return `<hidden ${n}>`
}

/**
 * @param follows whether ids of the tested side and hidden values stand for what comes in their place
 * @param any names of members whose values do not matter
 */
export function createBindings(follows: boolean, any: ReadonlySet<string>): Bindings {
  const bound = new Map<string, unknown>()

  /** The pattern with all that is known put in, and room for what is not, which is noted in `open`. */
  function known(pattern: unknown, value: unknown, open: Map<string, unknown>): unknown {
    if (typeof pattern === 'string' && HIDDEN.test(pattern)) return follows ? textOf(pattern, value, open) : pattern
    if (Array.isArray(pattern)) {
      const values: readonly unknown[] = Array.isArray(value) ? value : []
      return pattern.map((one, index) => known(one, values[index], open))
    }
    if (!isJsonObject(pattern)) return pattern
    const values: JsonObject = isJsonObject(value) ? value : {}
    return Object.fromEntries(
      Object.entries(pattern).map(([key, one]) => [key, any.has(key) ? ANY_VALUE : known(one, values[key], open)]),
    )
  }

  /** A text that is hidden, or that holds what is: the text that came, where it can be one of the pattern. */
  function textOf(pattern: string, value: unknown, open: Map<string, unknown>): unknown {
    if (pattern.replace(HIDDEN, '') === '') return held(pattern, value, open)
    const names = pattern.match(ALL_HIDDEN) ?? []
    const found = typeof value === 'string' ? templateOf(pattern).exec(value) : null
    if (found === null) return pattern
    const filled = new Map<string, unknown>()
    for (const [index, name] of names.entries()) filled.set(name, held(name, found[index + 1], open))
    return pattern.replace(ALL_HIDDEN, (name) => {
      const one = filled.get(name)
      return one === ANY_VALUE ? String(open.get(name)) : String(one)
    })
  }

  function held(name: string, value: unknown, open: Map<string, unknown>): unknown {
    if (bound.has(name)) return bound.get(name)
    if (open.has(name)) return open.get(name)
    // two that were told apart then must not be one now
    if (isTaken(name, value, bound) || isTaken(name, value, open)) return `${name}, another one`
    open.set(name, value)
    return ANY_VALUE
  }

  /** Ids that the tested side chose: of its requests, of what it cancels, and the tokens of their progress. */
  function withOwnIds(pattern: unknown, value: unknown, open: Map<string, unknown>): unknown {
    if (!follows || !isJsonObject(pattern) || typeof pattern.method !== 'string') return pattern
    const got: JsonObject = isJsonObject(value) ? value : {}
    const changed: JsonObject = { ...pattern }
    if ('id' in pattern) changed.id = held(idName(pattern.id), got.id, open)
    const params = isJsonObject(pattern.params) ? pattern.params : undefined
    const gotParams: JsonObject = isJsonObject(got.params) ? got.params : {}
    if (params !== undefined && 'requestId' in params) {
      changed.params = { ...params, requestId: held(idName(params.requestId), gotParams.requestId, open) }
    }
    if (isJsonObject(params?._meta) && 'progressToken' in params._meta) {
      const gotMeta: JsonObject = isJsonObject(gotParams._meta) ? gotParams._meta : {}
      const token = held(tokenName(params._meta.progressToken), gotMeta.progressToken, open)
      changed.params = { ...params, _meta: { ...params._meta, progressToken: token } }
    }
    return changed
  }

  function filled(value: unknown): unknown {
    if (typeof value === 'string') return filledText(value)
    if (Array.isArray(value)) return value.map(filled)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one)]))
  }

  function filledText(text: string): unknown {
    if (!HIDDEN.test(text)) return text
    if (text.replace(HIDDEN, '') === '') return named(text, text)
    return text.replace(ALL_HIDDEN, (name) => String(named(name, name)))
  }

  /** Where the side that is played speaks of what the tested one named. */
  function withTheirIds(message: unknown): unknown {
    if (Array.isArray(message)) return message.map(withTheirIds)
    if (!isJsonObject(message)) return message
    const changed: JsonObject = { ...message }
    if (typeof message.method !== 'string') changed.id = named(idName(message.id), message.id)
    if (!isJsonObject(message.params)) return changed
    const params: JsonObject = { ...message.params }
    if (message.method !== undefined && !('id' in message) && 'progressToken' in params) {
      params.progressToken = named(tokenName(params.progressToken), params.progressToken)
    }
    if (isJsonObject(params._meta) && META.subscriptionId in params._meta) {
      const subscription = params._meta[META.subscriptionId]
      params._meta = { ...params._meta, [META.subscriptionId]: named(idName(subscription), subscription) }
    }
    return { ...changed, params }
  }

  function named(name: string, otherwise: unknown): unknown {
    return bound.has(name) ? bound.get(name) : otherwise
  }

  return {
    fit(pattern, value) {
      const open = new Map<string, unknown>()
      const difference = mismatch(known(withOwnIds(pattern, value, open), value, open), value)
      if (difference === undefined) for (const [name, one] of open) bound.set(name, one)
      return difference
    },
    fill(text) {
      if (!follows || bound.size === 0) return text
      try {
        return JSON.stringify(filled(withTheirIds(JSON.parse(text))))
      } catch {
        // a line that is no JSON speaks of nothing
        return text
      }
    },
  }
}

/** A text with room for what it hides. A number stands in JSON without the quotation marks that its placeholder has. */
function templateOf(pattern: string): RegExp {
  const parts = pattern.split(ALL_HIDDEN).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('([^]*?)')}$`)
}

/** Whether a value stands for another name of the same kind already. */
function isTaken(name: string, value: unknown, by: ReadonlyMap<string, unknown>): boolean {
  const kind = name.slice(0, name.indexOf(' '))
  for (const [other, one] of by) if (one === value && other !== name && other.startsWith(`${kind} `)) return true
  return false
}

function idName(id: unknown): string {
  return `id ${JSON.stringify(id)}`
}

function tokenName(token: unknown): string {
  return `token ${JSON.stringify(token)}`
}
