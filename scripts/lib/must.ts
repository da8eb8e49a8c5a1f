import { quietEnv } from './commands.ts'
import { run } from './run.ts'

export interface MustOptions {
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>
  limitMs?: number
}

/**
 * Runs a command and returns its output, both streams of it.
 *
 * @throws {Error} with that output when the command fails, cannot start or takes longer than `limitMs`
 */
export async function must(
  command: readonly string[],
  cwd: string,
  { env = {}, limitMs = 120_000 }: MustOptions = {},
): Promise<string> {
  const { code, trouble, output } = await run(command, { cwd, env: { ...quietEnv, ...env }, capture: true, limitMs })
  if (code !== 0) throw new Error(`${command.join(' ')} failed in ${cwd}: ${trouble ?? `exit code ${code}`}\n${output}`)
  return output
}
