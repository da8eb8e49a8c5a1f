/** The lists of a server that can change while it runs. */
export type ChangeKind = 'tools' | 'resources' | 'prompts'

/** Tells whoever serves this definition what changed: one of its lists, or for `Changes<string>` a resource by its URI. */
export interface Changes<K extends string = ChangeKind> {
  /** Notes a change; however many there are in a tick, listeners are told once, after it. */
  mark(kind: K): void
  /** Listens until the returned function is called. */
  subscribe(listener: (kind: K) => void): () => void
}

export function createChanges<K extends string = ChangeKind>(): Changes<K> {
  const listeners = new Set<(kind: K) => void>()
  const marked = new Set<K>()

  function tell(): void {
    const kinds = [...marked]
    marked.clear()
    for (const kind of kinds) for (const listener of listeners) listener(kind)
  }

  return {
    mark(kind) {
      if (marked.size === 0) queueMicrotask(tell)
      marked.add(kind)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
