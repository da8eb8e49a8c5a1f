/** @throws {SyntaxError} for what is no YAML */
export function parseYaml(text: string): unknown {
  return Bun.YAML.parse(text)
}
