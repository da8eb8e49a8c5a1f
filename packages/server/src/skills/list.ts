import type { CacheHint, MaybePromise } from '@bao-mcp/protocol/engine'
import { type Catalogue, createCatalogue } from '../registry/catalogue.ts'
import { entriesOf, type SkillEntry } from './entry.ts'
import type { Namespace } from './namespace.ts'

/** One skill as the list holds it. */
export interface ListedSkill {
  readonly listed: SkillEntry
}

export interface SkillList {
  /** The list of what is served now; a promise while digests are computed, which happens when they are first asked for. */
  of(current: () => Namespace): MaybePromise<Catalogue<ListedSkill>>
}

export function createSkillList({ pageSize, cache }: { pageSize: number; cache: CacheHint }): SkillList {
  const catalogue = createCatalogue<ListedSkill>({
    noun: 'skill',
    maker: 'skills',
    member: 'skills',
    keyOf: ({ listed }) => listed.uri,
    rekeyed: (skill) => skill,
    encode: ({ listed }) => listed,
    onChange: () => undefined,
    pageSize,
    cache,
  })
  let listed: Namespace | undefined
  let updating: Promise<Catalogue<ListedSkill>> | undefined

  async function update(current: () => Namespace): Promise<Catalogue<ListedSkill>> {
    try {
      for (;;) {
        const next = current()
        const entries = await entriesOf(next)
        // it may have changed again meanwhile
        if (next !== current()) continue
        fill(entries)
        listed = next
        return catalogue
      }
    } finally {
      updating = undefined
    }
  }

  function fill(entries: readonly SkillEntry[]): void {
    const uris = new Set(entries.map(({ uri }) => uri))
    for (const uri of catalogue.names()) if (!uris.has(uri)) catalogue.remove(uri)
    for (const entry of entries) {
      if (catalogue.has(entry.uri)) catalogue.replace(entry.uri, { listed: entry })
      else catalogue.add({ listed: entry })
    }
  }

  return {
    of(current) {
      if (listed === current()) return catalogue
      updating ??= update(current)
      return updating
    },
  }
}
