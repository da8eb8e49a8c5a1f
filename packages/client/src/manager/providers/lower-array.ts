import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { lower as Lower, Place } from './lower-schema.ts'
import { anything } from './lower-types.ts'
import { pointer } from './lowering.ts'
import type { TypeName } from './rules.ts'

/** Writes what an array holds: one kind of member, or the places of a tuple as far as they can be said. */
export function emitArray(
  flat: JsonObject,
  types: readonly TypeName[] | undefined,
  place: Place,
  out: Map<string, unknown>,
  lower: typeof Lower,
): void {
  const { at, depth, lowering } = place
  const { rules } = lowering
  const deeper = (step: string): Place => ({ ...place, at: pointer(at, step), depth: depth + 1 })
  const tuple = Array.isArray(flat.prefixItems) ? flat.prefixItems : Array.isArray(flat.items) ? flat.items : undefined
  if (tuple === undefined) {
    if ('items' in flat && flat.items !== false) out.set('items', lower(flat.items, deeper('items')))
    else if (flat.items === false) out.set('maxItems', 0)
    if (!out.has('items') && rules.itemsRequired && types?.includes('array') === true)
      out.set('items', anything(deeper('items')))
    return
  }
  const rest = Array.isArray(flat.items) ? flat.additionalItems : flat.items
  if (rules.tuples === 'prefixItems') {
    const members = tuple.map((member, index) => lower(member, deeper(`prefixItems/${index}`)))
    if (members.length > 0) out.set('prefixItems', members)
    if (typeof rest === 'boolean') out.set('items', rest)
    else if (rest !== undefined) out.set('items', lower(rest, deeper('items')))
    return
  }
  lowering.note(at, 'prefixItems', 'looser', 'the places of a tuple cannot be said; its members can stand anywhere')
  const { maxItems } = flat
  const whole = rest === false || (typeof maxItems === 'number' && maxItems <= tuple.length)
  if (rest === false && rules.keywords.has('maxItems')) {
    out.set('maxItems', typeof maxItems === 'number' ? Math.min(maxItems, tuple.length) : tuple.length)
  }
  out.set(
    'items',
    lower(whole ? { anyOf: tuple } : rest === undefined ? true : { anyOf: [...tuple, rest] }, deeper('items')),
  )
}
