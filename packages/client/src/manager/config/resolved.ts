/** Goes along where a configuration is copied member by member, and is no part of its JSON. */
const RESOLVED: unique symbol = Symbol('resolved')

/** Parts of configurations, which may be taken over into another one. */
const parts = new WeakSet<object>()

/** Remembers that a configuration holds what variables stood for. */
export function markResolved<T extends object>(config: T): T {
  for (const part of partsOf(config)) parts.add(part)
  return { ...config, [RESOLVED]: true }
}

/** Whether a configuration holds what must not be written into a file, as far as that can be told. */
export function isResolved(config: object): boolean {
  return Object.hasOwn(config, RESOLVED) || partsOf(config).some((part) => parts.has(part))
}

function partsOf(config: object): object[] {
  const { env, headers, args }: { env?: unknown; headers?: unknown; args?: unknown } = config
  return [env, headers, args].filter((part) => typeof part === 'object' && part !== null)
}
