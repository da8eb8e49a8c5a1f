import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Launch } from './drivers/driver.ts'

const folder = join(import.meta.dir, 'fixtures')
export const node22: string = join(import.meta.dir, '../../node_modules/n22/bin/node')

export const hasNode22: boolean = existsSync(node22)

export function fixture(name: string): string {
  return join(folder, `${name}.ts`)
}

export function underBun(name: string, ...args: string[]): Launch {
  return { command: process.execPath, args: [fixture(name), ...args] }
}

/** Node strips the types of a fixture by itself. */
export function underNode22(name: string): Launch {
  return { command: node22, args: ['--no-warnings', fixture(name)] }
}

/** The same server with every byte between it and its client passed on in pieces of seven. */
export function split({ command, args }: Launch): Launch {
  return underBun('splitter', command, ...args)
}

/** Whether a process of this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // the only other reason, missing permission, cannot be: it is a child of this process
    return false
  }
}
