import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type StdioOptions, stdio } from '@bao-mcp/client'
import { createPeer, type Peer, type Responder, type Stray } from '@bao-mcp/protocol/engine'

const serverScript = fileURLToPath(new URL('./fixtures/server.mjs', import.meta.url))

/** A running server and the peer that talks to it. */
export interface Running extends AsyncDisposable {
  peer: Peer
  /** Of the server, and of its group. */
  pid: number
  strays: Stray[]
  /** All lines of stderr so far. */
  stderr: string[]
  /** Resolves with the first line of stderr, old or new, that matches. */
  line(pattern: RegExp): Promise<string>
}

export type ServerOptions = Omit<StdioOptions, 'command' | 'stderr'> & {
  command?: string
  notified?: (method: string) => void
}

/** Starts the fixture with some manners, or another command that says `pid <number>` on stderr. */
export async function startServer(
  manners: string[] = [],
  { notified, ...options }: ServerOptions = {},
): Promise<Running> {
  const log = createLog()
  const transport = stdio({
    command: process.execPath,
    args: [serverScript, ...manners],
    ...options,
    stderr: log.add,
  })
  const strays: Stray[] = []
  const responder: Responder = {
    request: () => ({}),
    notice: ({ method }) => notified?.(method),
  }
  const peer = createPeer(await transport.open(), responder, { onStray: (stray) => strays.push(stray) })
  const pid = Number((await log.line(/^pid \d+$/)).slice('pid '.length))
  return {
    peer,
    pid,
    strays,
    stderr: log.lines,
    line: log.line,
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

/** Lines that can be waited for. */
export function createLog(): { lines: string[]; add(line: string): void; line(pattern: RegExp): Promise<string> } {
  const lines: string[] = []
  let waiting: { pattern: RegExp; resolve: (line: string) => void }[] = []
  return {
    lines,
    add(line) {
      lines.push(line)
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line)
      waiting = waiting.filter(({ pattern }) => !pattern.test(line))
    },
    line(pattern) {
      const old = lines.find((line) => pattern.test(line))
      if (old !== undefined) return Promise.resolve(old)
      const { promise, resolve } = Promise.withResolvers<string>()
      waiting.push({ pattern, resolve })
      return promise
    },
  }
}

interface LivingProcess {
  pid: number
  ppid: number
  pgid: number
}

/** Living processes, by what the kernel says of them; dead ones that nobody reaped are not among them. */
function livingProcesses(): LivingProcess[] {
  if (process.platform !== 'linux') return psProcesses()
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    let stat: string
    try {
      stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
    } catch {
      // it ended between the listing and the look
      return []
    }
    const [state, ppid, pgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? [] : [{ pid: Number(entry), ppid: Number(ppid), pgid: Number(pgid) }]
  })
}

function psProcesses(): LivingProcess[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state]) => state !== undefined && !state.startsWith('Z'))
    .map(([pid, ppid, pgid]) => ({ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid) }))
}

export function groupOf(pgid: number): number[] {
  return livingProcesses()
    .filter((each) => each.pgid === pgid)
    .map(({ pid }) => pid)
}

export function childrenOfThis(): number[] {
  return livingProcesses()
    .filter(({ ppid }) => ppid === process.pid)
    .map(({ pid }) => pid)
}

export function isAlive(pid: number): boolean {
  return livingProcesses().some((each) => each.pid === pid)
}
