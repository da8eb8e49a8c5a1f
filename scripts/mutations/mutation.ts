/** One rule broken on purpose, and the test file that has to notice. All paths are relative to the root. */
export interface Mutation {
  /** The rule that is broken: its tests in `test` have to fail, and no others are run. */
  rule: `MCP-${string}`
  /** What the code does then, in a sentence without an end. */
  wrong: string
  file: string
  /** Stands exactly once in the file. */
  from: string
  to: string
  test: string
}

/**
 * The source with the rule broken.
 * @throws {Error} when what is to be replaced does not stand there exactly once
 */
export function mutated(source: string, { file, from, to }: Pick<Mutation, 'file' | 'from' | 'to'>): string {
  const times = source.split(from).length - 1
  if (times !== 1) throw new Error(`${file} holds ${JSON.stringify(from)} ${times} times, expected once`)
  // a function, because a text may hold what stands for a match
  return source.replace(from, () => to)
}
