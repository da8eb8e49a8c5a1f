/** The lists of a server that can change while it runs. */
export type ChangeKind = 'tools' | 'resources' | 'prompts'

/** Tells whoever serves this definition what changed: one of its lists, or for `Changes<string>` a resource by its URI. */
export interface Changes<K extends string = ChangeKind> {
  /** Notes a change; however many there are in a tick, listeners are told once, after it. */
  mark(kind: K): void
  /**
   * Listens until the returned function is called.
   * @param missed told when changes of any kind may have come that nobody was told of
   */
  subscribe(listener: (kind: K) => void, missed?: () => void): () => void
}

/** How changes of this process go out to other ones, and come in from them. */
export interface ChangeExchange<K extends string> {
  /** Told what was marked in a tick, after the listeners were. */
  told?(kinds: readonly K[]): void
  /** Told when the first listener has come (true) and when the last one has gone (false). */
  listening?(isListening: boolean): void
}

/** Changes that may come from elsewhere as well. */
export interface LocalChanges<K extends string> extends Changes<K> {
  /** Tells the listeners of what another process marked. */
  tell(kind: K): void
  /** Tells them that something may have been missed. */
  tellMissed(): void
}

interface Listening<K extends string> {
  listener(kind: K): void
  readonly missed: (() => void) | undefined
}

export function createChanges<K extends string = ChangeKind>({
  told,
  listening,
}: ChangeExchange<K> = {}): LocalChanges<K> {
  const listeners = new Set<Listening<K>>()
  const marked = new Set<K>()

  function tell(kind: K): void {
    for (const { listener } of listeners) listener(kind)
  }

  function tellMarked(): void {
    const kinds = [...marked]
    marked.clear()
    try {
      for (const kind of kinds) tell(kind)
    } finally {
      told?.(kinds)
    }
  }

  return {
    mark(kind) {
      if (marked.size === 0) queueMicrotask(tellMarked)
      marked.add(kind)
    },
    subscribe(listener, missed) {
      const one = { listener, missed }
      listeners.add(one)
      if (listeners.size === 1) listening?.(true)
      return () => {
        if (listeners.delete(one) && listeners.size === 0) listening?.(false)
      }
    },
    tell,
    tellMissed() {
      for (const { missed } of listeners) missed?.()
    },
  }
}
