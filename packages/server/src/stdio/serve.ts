import { systemClock } from '@bao-mcp/protocol/engine'
import { guardStdout } from '#runtime/guard'
import { processHost } from '#runtime/process'
import { readStdin } from '#runtime/stdio'
import { type ServerConnection, serveChannel } from '../connection.ts'
import type { Server } from '../server.ts'
import type { ServeOptions, ServerLog } from '../serving.ts'
import { createStdioChannel, type StdoutLimits } from './channel.ts'
import { superviseConnection } from './lifecycle.ts'
import { createLogger, type LogThreshold } from './log.ts'
import { watchParent } from './watchdog.ts'

const DEFAULT_DRAIN_GRACE_MS = 5000
const DEFAULT_PARENT_POLL_MS = 2000
const DEFAULT_LINGER_MS = 250
/** Frames named of the stack that printed on stdout. */
const STRAY_FRAMES = 4

export interface StdioOptions extends ServeOptions, Omit<StdoutLimits, 'closingStalledMs'> {
  /** False leaves signals, exceptions and exits to the program around, and gives stdout back at the end. Default true. */
  ownsProcess?: boolean
  /** Milliseconds that running calls are given when the end is asked for. Default 5 s. */
  drainGraceMs?: number
  /** Milliseconds between two looks at whether the parent process still lives. Default 2 s. */
  parentPollMs?: number
  /** Milliseconds the process is given to end by itself when all is over, before it is ended. Default 250. */
  lingerMs?: number
  /** Longest message that is read, in bytes. Default 64 MiB. */
  maxMessageBytes?: number
  /** What the default log shows: this level and everything graver. Default: `BAO_LOG`, else `warning`. */
  logLevel?: LogThreshold
}

let isServing = false

/**
 * Serves a definition over this process's stdin and stdout, and looks after the process meanwhile.
 *
 * Stdout belongs to the protocol: whatever else is printed goes to stderr. On Node, `fs.writeSync(1)`, children that inherit
 * stdout and native code cannot be kept off it; on Bun they are.
 *
 * The end of stdin, SIGTERM, SIGINT and the death of the parent process end it in good order: running calls are answered
 * within `drainGraceMs`, the answers leave, and the process exits with 0, whatever timers or sockets are still open. It exits
 * with 0 as well when the client stops reading; with 1 after an uncaught exception, or when stdout fails or stalls; and at
 * once with 130 or 143 on a second signal. An unhandled rejection is logged and ends nothing.
 *
 * Resolves when all is over. What follows has `lingerMs` before the process is ended.
 * @throws {TypeError} when stdin and stdout are being served already, and for a limit under which nothing could be served
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export async function serveStdio(server: Server, options: StdioOptions = {}): Promise<void> {
  if (isServing) throw new TypeError('stdin and stdout are being served already')
  isServing = true
  const { ownsProcess = true, drainGraceMs = DEFAULT_DRAIN_GRACE_MS, clock = systemClock } = options
  const log = options.log ?? createLogger(options.logLevel === undefined ? {} : { level: options.logLevel })
  const guard = guardStdout({
    keeps: ownsProcess,
    onStray: (how, frames) => nameCulprit(log, how, frames),
  })
  if (guard.gap !== undefined) log.debug(guard.gap)

  function release(): void {
    isServing = false
    guard.release()
  }

  const channel = createStdioChannel({
    ...options,
    read: readStdin,
    sink: guard.sink,
    clock,
    closingStalledMs: drainGraceMs,
    onInputEnd: (reason) => lifecycle.shutDown(reason),
  })
  const connection = served()
  const lifecycle = superviseConnection({ connection, host: processHost, log, clock, drainGraceMs, ownsProcess })
  const stopWatching = watchParent({
    parentPid: processHost.parentPid,
    pollMs: options.parentPollMs ?? DEFAULT_PARENT_POLL_MS,
    clock,
    onParentGone: (parent) => lifecycle.shutDown({ kind: 'remote', message: `the parent process ${parent} is gone` }),
  })

  const exitCode = await lifecycle.ended
  stopWatching()
  release()
  if (ownsProcess) processHost.exitWithin(options.lingerMs ?? DEFAULT_LINGER_MS, exitCode)

  function served(): ServerConnection {
    try {
      return serveChannel(server, channel, { ...options, log, clock })
    } catch (error) {
      // a limit is refused; whoever corrects it may serve again
      release()
      throw error
    }
  }
}

function nameCulprit(log: ServerLog, how: string, frames: readonly string[]): void {
  const where = frames.slice(0, STRAY_FRAMES).join(' ')
  log.warning(`stdout belongs to the protocol; this was printed by ${how} and went to stderr: ${where}`)
}
