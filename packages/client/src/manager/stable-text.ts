const identities = new WeakMap<object, number>()
let given = 0

/**
 * Text that is the same for two values exactly when they are equal: JSON with sorted keys, where whatever has behaviour
 * (functions and instances of classes) equals itself alone.
 */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === 'function' || isInstance(one)) return `#${identityOf(one)}`
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function isInstance(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.getPrototypeOf(value) !== Object.prototype
}

function identityOf(value: object): number {
  const known = identities.get(value)
  if (known !== undefined) return known
  identities.set(value, ++given)
  return given
}
