import type { ByteSink, GuardOptions, StdoutGuard } from '../port.ts'
import { framesBelow, once, watchConsole } from './console.ts'

/**
 * Keeps JavaScript's prints off stdout: `console.*` and `process.stdout.write` go to stderr. Node offers no way to move a
 * descriptor, so `fs.writeSync(1)`, children that inherit stdout and native code still reach it.
 */
export function guardStdout(options: GuardOptions): StdoutGuard {
  const { stdout, stderr } = process
  const write = stdout.write
  const onPrint = once(options.onStray)
  const restoreConsole = watchConsole({ redirect: true, onPrint })

  function divert(...args: Parameters<typeof stderr.write>): boolean {
    onPrint('process.stdout.write', framesBelow(divert))
    return stderr.write(...args)
  }
  // proof: divert takes whatever stderr.write takes, and both are the same method of the same class
  stdout.write = divert as typeof stdout.write
  // a failed write is told to its callback; without a listener the same failure would end the process
  stdout.on('error', ignore)

  return {
    sink: streamSink((text, done) => write.call(stdout, text, 'utf8', done)),
    gap: 'Node cannot keep fs.writeSync(1), inherited children and native code off stdout',
    release() {
      if (options.keeps) return
      restoreConsole()
      stdout.write = write
      stdout.off('error', ignore)
    },
  }
}

function streamSink(write: (text: string, done: (error?: Error | null) => void) => void): ByteSink {
  return {
    write: (text) =>
      new Promise<void>((resolve, reject) => {
        write(text, (error) => (error ? reject(error) : resolve()))
      }),
  }
}

function ignore(): void {
  // the write's own callback tells
}
