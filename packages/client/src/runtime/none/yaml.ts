/** @throws {Error} always: nothing here reads YAML */
export function parseYaml(_text: string): unknown {
  throw new Error('YAML can be read by Bun and Node only, so skills cannot be verified here')
}
