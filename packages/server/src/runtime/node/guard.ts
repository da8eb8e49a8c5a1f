import type { ByteSink, GuardOptions, StdoutGuard } from '../port.ts'
import { nameConsole } from './console.ts'

/**
 * Keeps JavaScript's prints off stdout: `console.*` and `process.stdout.write` go to stderr. Node offers no way to move a
 * descriptor, so `fs.writeSync(1)`, children that inherit stdout and native code still reach it.
 */
export function guardStdout(options: GuardOptions): StdoutGuard {
  const { stdout, stderr } = process
  const write = stdout.write
  const restoreConsole = nameConsole({ ...options, redirect: true })
  let named = false

  function divert(this: unknown, ...args: Parameters<typeof stderr.write>): boolean {
    if (!named) {
      named = true
      options.onStray('process.stdout.write', framesBelow(divert))
    }
    return stderr.write(...args)
  }
  // proof: divert takes whatever stderr.write takes, and both are the same method of the same class
  stdout.write = divert as typeof stdout.write
  const sink = streamSink(stdout, write)

  return {
    sink,
    gap: 'Node cannot keep fs.writeSync(1), inherited children and native code off stdout',
    release() {
      restoreConsole()
      stdout.write = write
      sink.detach()
    },
  }
}

interface StreamSink extends ByteSink {
  detach(): void
}

function streamSink(stdout: NodeJS.WriteStream, write: NodeJS.WriteStream['write']): StreamSink {
  // a failed write is told to its callback; without a listener the same failure would end the process
  const ignore = (): void => undefined
  stdout.on('error', ignore)
  return {
    write(text) {
      let failure: Error | null | undefined
      let settle: ((error: Error | null | undefined) => void) | undefined
      let settled = false
      const room = write.call(stdout, text, 'utf8', (error?: Error | null) => {
        settled = true
        failure = error
        settle?.(error)
      })
      if (settled && failure) throw failure
      if (room) return undefined
      return new Promise<void>((resolve, reject) => {
        settle = (error) => (error ? reject(error) : resolve())
        if (settled) settle(failure)
      })
    },
    detach: () => void stdout.off('error', ignore),
  }
}

/** The stack below a function, nearest frame first. */
export function framesBelow(fn: (...args: never[]) => unknown): string[] {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, fn)
  return (holder.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
}
