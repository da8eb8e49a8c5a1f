import type { ClientCapabilities } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** Something a client can be asked for, by the path of its declaration. */
export type CapabilityName =
  | 'elicitation'
  | 'elicitation.form'
  | 'elicitation.url'
  | 'sampling'
  | 'sampling.tools'
  | 'sampling.context'
  | 'roots'

/** The capability a question needs; undefined when no client can be asked such a thing. */
export function capabilityFor(method: string, params: JsonObject | undefined): CapabilityName | undefined {
  switch (method) {
    case 'elicitation/create':
      return params?.mode === 'url' ? 'elicitation.url' : 'elicitation.form'
    case 'sampling/createMessage':
      return params?.tools !== undefined || params?.toolChoice !== undefined ? 'sampling.tools' : 'sampling'
    case 'roots/list':
      return 'roots'
    default:
      return undefined
  }
}

/** "An empty elicitation object is equivalent to declaring form mode only." */
export function isDeclared(capabilities: ClientCapabilities, name: CapabilityName): boolean {
  const [kind = '', mode] = name.split('.')
  const declared: unknown = capabilities[kind]
  if (!isJsonObject(declared)) return false
  if (mode === undefined) return true
  if (name === 'elicitation.form' && declared.url === undefined) return true
  return isJsonObject(declared[mode])
}

/** The capabilities object that declares one capability. */
export function declarationOf(name: CapabilityName): JsonObject {
  const [kind = '', mode] = name.split('.')
  return { [kind]: mode === undefined ? {} : { [mode]: {} } }
}

/** The method a capability is used through. */
export function methodOf(name: CapabilityName): string {
  if (name.startsWith('elicitation')) return 'elicitation/create'
  return name === 'roots' ? 'roots/list' : 'sampling/createMessage'
}
