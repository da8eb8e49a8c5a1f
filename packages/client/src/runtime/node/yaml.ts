import { createRequire } from 'node:module'

type Parse = (text: string) => unknown

let parse: Parse | undefined

/**
 * Reads YAML 1.2 with the package `yaml`, which is loaded with the first text.
 * @throws {Error} for what is no YAML, and naming the package when it is not installed
 */
export function parseYaml(text: string): unknown {
  parse ??= loadParse()
  return parse(text)
}

function loadParse(): Parse {
  const load = createRequire(import.meta.url)
  try {
    // proof: this is what version 2 of the package exports
    return (load('yaml') as { parse: Parse }).parse
  } catch (cause) {
    throw new Error(
      'verifying SKILL.md needs the package yaml on Node, which is not installed: npm install yaml (Bun needs none)',
      { cause },
    )
  }
}
