import { createProcessGroup, windows } from '../process-group.ts'
import { explainSpawnFailure } from '../spawn-failure.ts'
import type { ByteSink, Child, ChildExit, SpawnRequest } from '../spawn-types.ts'

export { windows } from '../process-group.ts'

type PipedChild = Bun.Subprocess<'pipe', 'pipe', 'pipe'>

/** @throws {Error} a sentence that says what is missing */
export async function spawnChild(request: SpawnRequest): Promise<Child> {
  const child = start(request)
  const { stdin, stdout, stderr } = child
  const output = pipe(stdout)
  const errors = pipe(stderr)
  const group = createProcessGroup({
    pid: child.pid,
    leaderRunning: () => child.exitCode === null && child.signalCode === null,
    run: (command, args) => void Bun.spawnSync([command, ...args], { stdio: ['ignore', 'ignore', 'ignore'] }),
  })

  return {
    pid: child.pid,
    exited: child.exited.then(() => exitOf(child)),
    write: (text) => writeTo(stdin, text),
    endStdin: () => close(stdin),
    readStdout: output.readTo,
    readStderr: errors.readTo,
    release() {
      output.cancel()
      errors.cancel()
      close(stdin)
      stdin.unref()
      child.unref()
    },
    signalGroup: group.signal,
    groupAlive: group.alive,
  }
}

function start(request: SpawnRequest): PipedChild {
  const { command, args, cwd, env } = request
  try {
    return Bun.spawn([command, ...args], {
      ...(cwd === undefined ? undefined : { cwd }),
      env: { ...env },
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      detached: !windows,
      windowsHide: true,
    })
  } catch (cause) {
    throw explainSpawnFailure(request, cause)
  }
}

function exitOf({ exitCode, signalCode }: PipedChild): ChildExit {
  // a real-time signal has a number and no name
  return { exitCode, signal: typeof signalCode === 'number' ? `signal ${signalCode}` : signalCode }
}

function close(stdin: Bun.FileSink): void {
  // a pipe that turns out to be broken at this moment is closed as well
  void Promise.resolve(stdin.end()).catch(() => undefined)
}

function writeTo(stdin: Bun.FileSink, text: string): void | Promise<unknown> {
  try {
    // both are promises while the pipe is full, whatever the types say
    const written: unknown = stdin.write(text)
    const flushed: unknown = stdin.flush()
    if (written instanceof Promise) return flushed instanceof Promise ? Promise.all([written, flushed]) : written
    if (flushed instanceof Promise) return flushed
  } catch (error) {
    return Promise.reject(error)
  }
}

interface Pipe {
  readTo(sink: ByteSink): void
  cancel(): void
}

function pipe(stream: ReadableStream<Uint8Array>): Pipe {
  const reader = stream.getReader()
  return {
    readTo(sink) {
      const pump = (): void => {
        // a pipe that cannot be read is over; what the exit says is the better evidence
        reader.read().then(next, () => sink.end())
      }
      const next = ({ done, value }: { done: boolean; value?: Uint8Array | undefined }): void => {
        if (done || value === undefined) return sink.end()
        sink.chunk(value)
        pump()
      }
      pump()
    },
    cancel() {
      // a pipe that is closed already needs no cancelling
      void reader.cancel().catch(() => undefined)
    },
  }
}

export function parentEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

export function writeStderr(bytes: Uint8Array): void {
  process.stderr.write(bytes)
}
