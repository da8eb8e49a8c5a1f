import type { ProcessHost } from '../port.ts'

/** Where there is no process, nothing can be installed and nothing has to be removed. */
export const processHost: ProcessHost = {
  onSignal: () => ignore,
  onUncaught: () => ignore,
  onUnhandledRejection: () => ignore,
  holdOpen: () => ignore,
  exit: ignore,
  exitWithin: ignore,
  parentPid: () => 0,
}

export function environment(_name: string): string | undefined {
  return undefined
}

export function isInteractive(): boolean {
  return false
}

export function isTerminal(_fd: number): boolean {
  return false
}

function ignore(): void {
  // there is no process
}
