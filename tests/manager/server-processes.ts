import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ManagerEvent, SessionManager, StdioServer } from '@bao-mcp/client'

const echo = fileURLToPath(new URL('../../apps/echo/src/main.ts', import.meta.url))
let made = 0

/** A name no other process carries. */
export function marker(): string {
  return `bao-test-${process.pid}-${++made}`
}

/** The echo server as a process that can be found by its marker. */
export function echoServer(mark: string, more: Partial<StdioServer> = {}): StdioServer {
  return { command: process.execPath, args: [echo, mark], stdinGraceMs: 100, termGraceMs: 100, ...more }
}

/** Processes that are no zombies and whose command line holds the marker. */
export function pidsOf(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const isZombie = /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        return !isZombie && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        // it ended while it was looked at
        return false
      }
    })
}

/** Resolves with the first event, old or new, that fits. */
export async function eventOf(manager: SessionManager, fits: (event: ManagerEvent) => boolean): Promise<ManagerEvent> {
  for await (const event of manager.events(0)) if (fits(event)) return event
  throw new Error('the manager was closed before that happened')
}

/** Fits the event of a server that came to a state by its nth start. */
export function reached(server: string, to: string, generation: number): (event: ManagerEvent) => boolean {
  return (event) =>
    event.kind === 'state' && event.server === server && event.to === to && event.generation === generation
}
