import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { createProcessGroup, windows } from '../process-group.ts'
import { explainSpawnFailure } from '../spawn-failure.ts'
import type { ByteSink, Child, ChildExit, SpawnRequest } from '../spawn-types.ts'

export { windows } from '../process-group.ts'

/** @throws {Error} a sentence that says what is missing */
export async function spawnChild(request: SpawnRequest): Promise<Child> {
  const child = await start(request)
  const { stdin, stdout, stderr } = child
  const group = createProcessGroup({
    // proof: a child that emitted `spawn` has a pid
    pid: child.pid as number,
    leaderRunning: () => child.exitCode === null && child.signalCode === null,
    run: (command, args) => void spawnSync(command, args, { stdio: 'ignore', windowsHide: true }),
  })
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  const output = pipe(stdout)
  const errors = pipe(stderr)
  // a broken pipe is told to the write it breaks; without a listener it would end this process
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined)

  return {
    // proof: as above
    pid: child.pid as number,
    exited,
    write(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      stdin.write(text, (error) => (error ? reject(error) : resolve()))
      const hasLeft = stdin.writableLength === 0 && !stdin.destroyed && stdin.errored === null
      return hasLeft ? undefined : promise
    },
    endStdin() {
      stdin.end()
    },
    readStdout: output.readTo,
    readStderr: errors.readTo,
    release() {
      for (const stream of [stdin, stdout, stderr]) stream.destroy()
      child.unref()
    },
    signalGroup: group.signal,
    groupAlive: group.alive,
  }
}

async function start(request: SpawnRequest): Promise<ChildProcessWithoutNullStreams> {
  const { command, args, cwd, env } = request
  try {
    const child = spawn(command, args, {
      ...(cwd === undefined ? undefined : { cwd }),
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: !windows,
      windowsHide: true,
    })
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw explainSpawnFailure(request, cause)
  }
}

/**
 * When a child exits Node lets the pipes that nobody reads flow into nothing, so what a short-lived child said before
 * its reader came is held here.
 */
function pipe(stream: Readable): { readTo(sink: ByteSink): void } {
  const held: Uint8Array[] = []
  const hold = (chunk: Uint8Array): void => void held.push(chunk)
  stream.on('data', hold)
  stream.pause()
  return {
    readTo(sink) {
      stream.off('data', hold)
      for (const chunk of held.splice(0)) sink.chunk(chunk)
      if (stream.closed) return sink.end()
      stream.on('data', (chunk: Uint8Array) => sink.chunk(chunk))
      // `close` follows an error and a release as well as the end
      stream.once('close', () => sink.end())
      stream.resume()
    },
  }
}

export function parentEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

export function writeStderr(bytes: Uint8Array): void {
  process.stderr.write(bytes)
}
