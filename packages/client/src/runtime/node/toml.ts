import { createRequire } from 'node:module'
import type { ReadToml } from '../config-types.ts'

type Parse = (text: string) => unknown

let parse: Parse | undefined

/** Reads TOML with the package `smol-toml`, which is loaded with the first text. */
export function parseToml(text: string): ReadToml {
  try {
    parse ??= loadParse()
  } catch {
    // whatever is wrong with it, installing it is the way out
    return { kind: 'missing', packageName: 'smol-toml' }
  }
  try {
    return { kind: 'value', value: parse(text) }
  } catch (error) {
    // what follows the first line is an excerpt of the file, which may hold a secret
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return {
      kind: 'fault',
      message: message.replace(/^Invalid TOML document: /, '').slice(0, 200),
      line: member(error, 'line'),
      column: member(error, 'column'),
    }
  }
}

function loadParse(): Parse {
  const load = createRequire(import.meta.url)
  // proof: the package of this name
  return (load('smol-toml') as typeof import('smol-toml')).parse
}

function member(error: unknown, name: 'line' | 'column'): number | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'number' ? value : undefined
}
