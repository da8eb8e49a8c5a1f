/** The lists of a server that can change while it runs. */
export type ChangeKind = 'tools'

/** Tells whoever serves this definition that one of its lists changed. */
export interface Changes {
  /** Notes a change; however many there are in a tick, listeners are told once, after it. */
  mark(kind: ChangeKind): void
  /** Listens until the returned function is called. */
  subscribe(listener: (kind: ChangeKind) => void): () => void
}

export function createChanges(): Changes {
  const listeners = new Set<(kind: ChangeKind) => void>()
  const marked = new Set<ChangeKind>()

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
