import { statSync } from 'node:fs'
import type { SpawnRequest } from './spawn-types.ts'

/** Turns what the runtime said about a failed start into what is wrong and where to look. */
export function explainSpawnFailure({ command, cwd }: SpawnRequest, cause: unknown): Error {
  // Node lists all arguments there, and whoever prints the error would print their secrets
  if (cause instanceof Error) Reflect.deleteProperty(cause, 'spawnargs')
  return new Error(`${reasonOf(command, cwd, cause)} (cwd: ${cwd ?? process.cwd()})`, { cause })
}

function reasonOf(command: string, cwd: string | undefined, cause: unknown): string {
  if (cwd !== undefined) {
    const place = kindOf(cwd)
    if (place === undefined) return 'the working directory does not exist'
    if (place !== 'directory') return 'the working directory is not a directory'
  }
  const code = codeOf(cause)
  const isPath = /[/\\]/.test(command)
  if (code === 'ENOENT' && !isPath) return `command "${command}" was not found on PATH${hintOf(command)}`
  if (code === 'ENOENT') {
    // relative commands are looked up from the working directory, which has just been found to exist
    const file = cwd === undefined || command.startsWith('/') ? command : `${cwd}/${command}`
    return kindOf(file) === undefined
      ? `"${command}" does not exist${hintOf(command)}`
      : `"${command}" names an interpreter in its first line that does not exist`
  }
  if (code === 'EACCES') return `"${command}" is not an executable file`
  return `"${command}" could not be executed: ${cause instanceof Error ? cause.message : String(cause)}`
}

function hintOf(command: string): string {
  return /\s/.test(command) ? ': no shell splits it, so everything after the program belongs into `args`' : ''
}

function kindOf(path: string): 'directory' | 'other' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  return stats.isDirectory() ? 'directory' : 'other'
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
