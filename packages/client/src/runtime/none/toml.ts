import type { ReadToml } from '../config-types.ts'

/** Nothing here reads TOML. */
export function parseToml(_text: string): ReadToml {
  return { kind: 'fault', message: 'TOML can be read by Bun and Node only' }
}
