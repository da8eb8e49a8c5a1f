/** @throws {Error} always: nothing here reads YAML */
export function parseYaml(_text: string): unknown {
  throw new Error('YAML can be read by Bun and Node only; give the skill by its name, description and instructions')
}
