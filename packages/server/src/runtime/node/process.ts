import { fstatSync } from 'node:fs'
import type { EndSignal, ProcessHost } from '../port.ts'

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM']
const LONGEST_TIMER_MS = 2_147_483_647

export const processHost: ProcessHost = {
  onSignal(fn) {
    // proof: it is only installed for these two
    const listener = (signal: NodeJS.Signals): void => fn(signal as EndSignal)
    for (const signal of SIGNALS) process.on(signal, listener)
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener)
    }
  },
  onUncaught(fn) {
    const listener = (error: unknown): void => fn(error)
    process.on('uncaughtException', listener)
    return () => void process.off('uncaughtException', listener)
  },
  onUnhandledRejection(fn) {
    const listener = (reason: unknown): void => fn(reason)
    process.on('unhandledRejection', listener)
    return () => void process.off('unhandledRejection', listener)
  },
  holdOpen() {
    const timer = setInterval(ignore, LONGEST_TIMER_MS)
    return () => clearInterval(timer)
  },
  exit: (code) => process.exit(code),
  exitWithin(ms, code) {
    process.exitCode = code
    setTimeout(() => process.exit(code), ms).unref()
  },
  parentPid: () => process.ppid,
}

export function environment(name: string): string | undefined {
  return process.env[name]
}

/** True when a person sits at stdin, and no client. */
export function isInteractive(): boolean {
  return isTerminal(0)
}

/** Tells a terminal from everything else, and loads the terminal module only where there may be one. */
export function isTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false
  } catch {
    // a closed descriptor is no terminal
    return false
  }
  return process.getBuiltinModule('node:tty').isatty(fd)
}

function ignore(): void {
  // the timer only holds the process open
}
