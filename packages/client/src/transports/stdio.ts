import { ServerStartError } from '../errors.ts'
import type { Child, SpawnRequest, SpawnRuntime } from '../runtime/spawn-types.ts'
import { describeCommand } from './describe-command.ts'
import { secretsOf } from './mask-secrets.ts'
import { createProcessChannel } from './process-channel.ts'
import { childEnvironment } from './stdio-env.ts'
import { heldTimer } from './timer.ts'
import type { Transport } from './transport.ts'

/** From this queue length on a sender is asked to wait, in UTF-16 units. */
const HIGH_WATER_BYTES = 1024 * 1024

/** A local server and how it is run. All times are milliseconds. */
export interface StdioOptions {
  /** A program on PATH, or a path; relative ones start from `cwd`. No shell is involved. */
  command: string
  args?: readonly string[] | undefined
  /** Default: where this process runs. */
  cwd?: string | undefined
  /** Set besides what is inherited; an undefined value takes an inherited variable away. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Variables to inherit besides {@link INHERITED_VARIABLES}; a name may end with `*`, and true means all of them.
   */
  inheritEnv?: boolean | readonly string[] | undefined
  /**
   * What happens with stderr besides being kept for errors. `tail` (default): nothing. `inherit`: it is copied to the
   * stderr of this process. A function gets every line, without escape sequences.
   */
  stderr?: 'tail' | 'inherit' | ((line: string) => void) | undefined
  /** Longest message that is read, in bytes; a longer one fails the call it answers. Default 64 MiB. */
  maxMessageBytes?: number | undefined
  /** How much may wait to be written while the server reads nothing, in UTF-16 units. Default 64 Mi. */
  maxOutboundBytes?: number | undefined
  /** How long a queue over `maxOutboundBytes` may stand still before the server is given up. Default 30 s. */
  stalledReaderMs?: number | undefined
  /** Closing: how long the server has to read what was sent and end by itself once stdin is closed. Default 2 s. */
  stdinGraceMs?: number | undefined
  /** Closing: how long from SIGTERM to SIGKILL. Default 2 s. */
  termGraceMs?: number | undefined
  /** Closing: how long after SIGKILL the process is given up as stuck in the kernel. Default 2 s. */
  killGraceMs?: number | undefined
  /** How long the last output of a dead server is awaited when somebody else still holds its pipe. Default 100 ms. */
  exitDrainMs?: number | undefined
  /** How long a server that closed its stdin or stdout has to end by itself, so that its exit code is known. Default 250 ms. */
  halfCloseGraceMs?: number | undefined
}

/**
 * A way to a local server over the pipes of a child process. Each opening starts a process, leader of a group of its
 * own; closing ends the group, and so does the exit of this process. On Windows, which is untested, the group is the
 * process tree, and a command other than an `.exe` needs `cmd /c`.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export function stdio(options: StdioOptions): Transport {
  const { command, args = [], cwd, stderr = 'tail' } = options
  const name = `stdio: ${describeCommand(command, args)}`

  function request({ parentEnvironment, windows }: SpawnRuntime): SpawnRequest {
    const { env, inheritEnv } = options
    return { command, args, cwd, env: childEnvironment(parentEnvironment(), { env, inheritEnv, windows }) }
  }

  async function start({ spawnChild }: SpawnRuntime, request: SpawnRequest): Promise<Child> {
    try {
      return await spawnChild(request)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new ServerStartError(`${name} could not be started: ${why}`, { transport: name, cause })
    }
  }

  return {
    name,
    identity: JSON.stringify([command, args, cwd, options.env]),
    silenceIsEvidence: true,
    async open({ signal } = {}) {
      signal?.throwIfAborted()
      const runtime = await import('#runtime/spawn')
      signal?.throwIfAborted()
      const started = request(runtime)
      const child = await start(runtime, started)
      const channel = createProcessChannel(child, {
        maxMessageBytes: options.maxMessageBytes,
        highWaterBytes: HIGH_WATER_BYTES,
        maxOutboundBytes: options.maxOutboundBytes ?? 64 * 1024 * 1024,
        stalledReaderMs: options.stalledReaderMs ?? 30_000,
        stdinGraceMs: options.stdinGraceMs ?? 2000,
        termGraceMs: options.termGraceMs ?? 2000,
        killGraceMs: options.killGraceMs ?? 2000,
        exitDrainMs: options.exitDrainMs ?? 100,
        halfCloseGraceMs: options.halfCloseGraceMs ?? 250,
        onStderr: stderr === 'inherit' ? runtime.writeStderr : undefined,
        onStderrLine: typeof stderr === 'function' ? stderr : undefined,
        secrets: secretsOf(started),
        timer: heldTimer,
      })
      if (signal?.aborted !== true) return channel
      child.signalGroup('SIGKILL')
      await channel.close()
      throw signal.reason
    },
  }
}
