const resolved = new WeakSet<object>()

/** Remembers that a configuration holds what variables stood for. */
export function markResolved(config: object): void {
  resolved.add(config)
}

/** Whether a configuration holds what must not be written into a file. */
export function isResolved(config: object): boolean {
  return resolved.has(config)
}
