import type { ByteSink, Child, ChildExit, GroupSignal } from '../runtime/spawn-types.ts'

/** A child that does nothing by itself and remembers what was done to it. */
export interface FakeChild extends Child {
  /** What was done, in order: `write`, `end stdin`, `SIGTERM`, `SIGKILL`, `release`. */
  readonly deeds: string[]
  readonly written: string[]
  /** Where the pipe is full: every write waits for the next `drain` or `breakPipe`. */
  full: boolean
  /** Whether processes other than the leader are alive. */
  leftovers: boolean
  /** The leader dies. */
  die(exit: Partial<ChildExit>): void
  drain(): void
  breakPipe(error: Error): void
  stdout(text: string): void
  stderr(text: string): void
  closeStdout(): void
  closeStderr(): void
  /** Called for every signal; by default nobody minds signals. */
  onSignal: (signal: GroupSignal) => void
}

export function fakeChild(): FakeChild {
  const exited = Promise.withResolvers<ChildExit>()
  let alive = true
  let out: ByteSink | undefined
  let err: ByteSink | undefined
  const pending: PromiseWithResolvers<void>[] = []
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

  const child: FakeChild = {
    pid: 4711,
    exited: exited.promise,
    deeds: [],
    written: [],
    full: false,
    leftovers: false,
    write(text) {
      child.deeds.push('write')
      child.written.push(text)
      if (!child.full) return
      const write = Promise.withResolvers<void>()
      pending.push(write)
      return write.promise
    },
    endStdin: () => void child.deeds.push('end stdin'),
    readStdout(sink) {
      out = sink
    },
    readStderr(sink) {
      err = sink
    },
    release: () => void child.deeds.push('release'),
    signalGroup(signal) {
      child.deeds.push(signal)
      child.onSignal(signal)
    },
    groupAlive: () => alive || child.leftovers,
    onSignal() {},
    die({ exitCode = null, signal = null }) {
      alive = false
      exited.resolve({ exitCode, signal })
    },
    drain() {
      for (const write of pending.splice(0)) write.resolve()
    },
    breakPipe(error) {
      for (const write of pending.splice(0)) write.reject(error)
    },
    stdout: (text) => out?.chunk(bytes(text)),
    stderr: (text) => err?.chunk(bytes(text)),
    closeStdout: () => out?.end(),
    closeStderr: () => err?.end(),
  }
  return child
}
