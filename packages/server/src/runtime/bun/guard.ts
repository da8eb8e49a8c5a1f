import { framesBelow, once, watchConsole } from '../node/console.ts'
import type { ByteSink, GuardOptions, StdoutGuard } from '../port.ts'
import { moveStdout, type PrivateDescriptor } from './descriptor.ts'

const STDOUT = 1

/**
 * Keeps every print off stdout: the descriptor itself is moved, so console, `Bun.write`, `fs.writeSync(1)`, native code and
 * children that inherit stdout all reach stderr. Where the C library cannot be called, JavaScript's prints are redirected.
 */
export function guardStdout({ keeps, onStray }: GuardOptions): StdoutGuard {
  // a stream that is to be given back must have seen the real descriptor first
  const stream = keeps ? undefined : process.stdout
  let moved: PrivateDescriptor | undefined
  let gap: string | undefined
  try {
    moved = moveStdout()
  } catch (error) {
    gap = `only JavaScript's prints are kept off stdout: ${error instanceof Error ? error.message : String(error)}`
  }
  const onPrint = once((how: string, frames: readonly string[]) => {
    // one name is enough, and the descriptor catches the rest
    if (moved !== undefined) restoreConsole()
    onStray(how, frames)
  })
  const restoreConsole = watchConsole({ redirect: moved === undefined, onPrint })
  // assigning does not create the real stream, which takes 6 ms that most servers never need
  Object.assign(process, { stdout: stderrInDisguise(onPrint) })
  return {
    sink: fileSink(moved?.fd ?? STDOUT),
    gap,
    release() {
      moved?.restoreMode()
      if (keeps) return
      restoreConsole()
      moved?.giveBack()
      Object.assign(process, { stdout: stream })
    },
  }
}

/** The sink makes the descriptor non-blocking and waits for room in the event loop. */
function fileSink(fd: number): ByteSink {
  const sink = Bun.file(fd).writer()
  return {
    write(text) {
      // a promise under back-pressure, whatever the types say
      const taken: unknown = sink.write(text)
      if (typeof taken !== 'number') return waitFor(taken)
      const flushed = sink.flush()
      return typeof flushed === 'number' ? undefined : waitFor(flushed)
    },
  }
}

async function waitFor(pending: unknown): Promise<void> {
  await pending
}

/** `process.stderr`, created when it is first used, with a `write` that tells who used it. */
function stderrInDisguise(onPrint: (how: string, frames: readonly string[]) => void): object {
  function write(...args: Parameters<typeof process.stderr.write>): boolean {
    onPrint('process.stdout.write', framesBelow(write))
    return process.stderr.write(...args)
  }
  // whoever replaces `write` here, to record it, must not replace that of stderr
  return new Proxy(
    { write },
    {
      get: (own, key) => (key === 'write' ? own.write : Reflect.get(process.stderr, key)),
      set: (own, key, value) => Reflect.set(key === 'write' ? own : process.stderr, key, value),
      has: (_own, key) => Reflect.has(process.stderr, key),
      getPrototypeOf: () => Reflect.getPrototypeOf(process.stderr),
    },
  )
}
