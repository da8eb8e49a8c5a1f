import { hash8 } from '../names/hash8.ts'
import { stableText } from '../stable-text.ts'
import type { ServerEntry } from './server-entry.ts'

/** What has to happen so that those servers run which are wanted. */
export interface ConfigPlan {
  readonly add: readonly ServerEntry[]
  /** They run, and are configured otherwise now. */
  readonly change: readonly ServerEntry[]
  readonly remove: readonly string[]
  readonly keep: readonly string[]
}

/** Compares what runs, by name with its fingerprint, to what is wanted. Each name is in one of the four lists. */
export function planConfig(running: ReadonlyMap<string, string>, wanted: readonly ServerEntry[]): ConfigPlan {
  const names = new Set(wanted.map(({ name }) => name))
  const isSame = (entry: ServerEntry): boolean => running.get(entry.name) === fingerprint(entry)
  return {
    add: wanted.filter(({ name }) => !running.has(name)),
    change: wanted.filter((entry) => running.has(entry.name) && !isSame(entry)),
    remove: [...running.keys()].filter((name) => !names.has(name)),
    keep: wanted.filter(isSame).map(({ name }) => name),
  }
}

/**
 * The same for two entries exactly when one may run in the place of the other: the same words in the same file, wherever
 * they stand in it. Keys that mean nothing here do not count.
 */
export function fingerprint({ name: _name, enabled: _enabled, extra: _extra, origin, ...entry }: ServerEntry): string {
  return hash8(stableText([origin.path, entry]))
}
