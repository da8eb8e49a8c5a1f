import { type ChildProcess, spawn } from 'node:child_process'

export interface RunOptions {
  cwd?: string
  env?: Readonly<Record<string, string>>
  /** The run is killed, with everything it started, after this many milliseconds. */
  limitMs?: number
  /** Keep the output instead of passing it on to standard error. */
  capture?: boolean
}

export interface RunResult {
  /** Absent when a signal ended the run or it could not start. */
  code: number | undefined
  /** What went wrong beyond the exit code: a signal, a limit, a command that does not exist. */
  trouble: string | undefined
  /** Empty unless captured. */
  output: string
  seconds: number
}

const running = new Set<ChildProcess>()

/**
 * Runs a command in its own process group. Never rejects: a command that cannot start is a result too. Standard output
 * stays free for our own lines.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [file = '', ...args] = command
  const { capture = false, limitMs } = options
  const started = performance.now()
  const child = spawn(file, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    // A group of its own lets one signal reach grandchildren as well.
    detached: process.platform !== 'win32',
  })
  running.add(child)
  let output = ''
  const keep = (chunk: string): void => {
    output += chunk
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  let trouble: string | undefined
  const timer = limitMs === undefined ? undefined : setTimeout(expire, limitMs)
  function expire(): void {
    trouble = `still running after ${(limitMs ?? 0) / 1000} s`
    kill(child, 'SIGKILL')
  }
  const code = await new Promise<number | undefined>((resolve) => {
    child.once('error', (error) => {
      trouble ??= `cannot start ${file}: ${error.message}`
      resolve(undefined)
    })
    child.once('close', (exitCode, signal) => {
      if (signal !== null) trouble ??= `ended by ${signal}`
      resolve(exitCode ?? undefined)
    })
  })
  clearTimeout(timer)
  running.delete(child)
  return { code, trouble, output, seconds: (performance.now() - started) / 1000 }
}

/** From now on an interrupt ends every running command, with all that they started, before it ends this process. */
export function endChildrenOnSignal(): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => {
      for (const child of running) kill(child, 'SIGTERM')
      process.exit(128 + number)
    })
  }
}

function kill(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
