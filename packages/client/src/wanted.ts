/** Changes that somebody wants to be told of. */
export interface Wanted {
  /** Another list of tools. */
  readonly tools: boolean
  readonly prompts: boolean
  readonly resources: boolean
  /** Resources whose contents may change. */
  readonly uris: readonly string[]
}

/** The part of what is wanted that the server tells of. */
export interface Honoured extends Wanted {
  /** Resources it refused to tell of, each with its error. */
  readonly refused?: ReadonlyMap<string, Error>
}

export const NOTHING: Wanted = { tools: false, prompts: false, resources: false, uris: [] }

/** All that is in any of them; each uri once, in the order they were wanted. */
export function mergeWanted(all: Iterable<Wanted>): Wanted {
  const merged = { tools: false, prompts: false, resources: false }
  const uris = new Set<string>()
  for (const one of all) {
    merged.tools ||= one.tools
    merged.prompts ||= one.prompts
    merged.resources ||= one.resources
    for (const uri of one.uris) uris.add(uri)
  }
  return { ...merged, uris: [...uris] }
}

/** What is in both. */
export function commonWanted(a: Wanted, b: Wanted): Wanted {
  const uris = new Set(b.uris)
  return {
    tools: a.tools && b.tools,
    prompts: a.prompts && b.prompts,
    resources: a.resources && b.resources,
    uris: a.uris.filter((uri) => uris.has(uri)),
  }
}

export function wantsNothing({ tools, prompts, resources, uris }: Wanted): boolean {
  return !tools && !prompts && !resources && uris.length === 0
}

export function sameWanted(a: Wanted, b: Wanted): boolean {
  if (a.tools !== b.tools || a.prompts !== b.prompts || a.resources !== b.resources) return false
  return a.uris.length === b.uris.length && commonWanted(a, b).uris.length === a.uris.length
}

/** Every part of it in words, for a message. */
export function wordsOf({ tools, prompts, resources, uris }: Wanted): string {
  const lists = [tools && 'tools', prompts && 'prompts', resources && 'resources'].filter((name) => name !== false)
  const words = lists.length > 0 ? [`the list of ${lists.join(', ')}`] : []
  return [...words, ...uris].join(', ')
}
