import { resolve } from 'node:path'

/** The checkout's own folder. */
export const root: string = resolve(import.meta.dirname, '../..')

/** Nothing we start reports about us, and nothing asks. */
export const quietEnv: Readonly<Record<string, string>> = { DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1' }

/** A tool of the root's devDependencies, started through Bun so that a machine without Node can run it as well. */
export function tool(name: string, ...args: string[]): string[] {
  return [process.execPath, 'x', '--no-install', name, ...args]
}

/** `bun check` for the whole tree. At the root the script of that name would answer instead, so it starts elsewhere. */
export const typecheck: readonly string[] = [process.execPath, '--cwd=tests', 'check', '-p', '..']

export const build: readonly string[] = tool('turbo', 'run', 'build', '--output-logs=errors-only')
