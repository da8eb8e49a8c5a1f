import {
  type Channel,
  createNdjsonReader,
  encodeMessage,
  type JsonRpcMessage,
  type Receiver,
} from '@bao-mcp/protocol/engine'
import type { Child, ChildExit } from '../runtime/spawn-types.ts'
import { type EndGraces, endChild, endLeftovers } from './end-child.ts'
import { exitReason, type Verdict } from './exit-reason.ts'
import { createOutbox } from './outbox.ts'
import { createStderrTail } from './stderr-tail.ts'
import { comesWithin, type Timer } from './timer.ts'

/** All times in milliseconds; {@link StdioOptions} explains them. */
export interface ProcessChannelOptions extends EndGraces {
  maxMessageBytes: number | undefined
  exitDrainMs: number
  halfCloseGraceMs: number
  highWaterBytes: number
  maxOutboundBytes: number
  stalledReaderMs: number
  onStderr: ((bytes: Uint8Array) => void) | undefined
  onStderrLine: ((line: string) => void) | undefined
  timer: Timer
}

/**
 * The pipe of messages to a running child. What ends it is the end of the child, never the end of a pipe, which a
 * grandchild may hold open for as long as it likes.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export function createProcessChannel(child: Child, options: ProcessChannelOptions): Channel {
  const { timer } = options
  const stdoutEnd = Promise.withResolvers<void>()
  const stderrEnd = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  let receiver: Receiver | undefined
  let exit: ChildExit | undefined
  /** What ended the conversation, unless the child's own end did. */
  let verdict: Verdict | undefined
  /** Set while the last words of a dead child are awaited. */
  let settling = false
  let ended = false
  let ending: Promise<void> | undefined

  const tail = createStderrTail(options.onStderrLine && guarded(options.onStderrLine))
  const reader = createNdjsonReader({
    maxMessageBytes: options.maxMessageBytes,
    message: guarded((value) => receiver?.message(value)),
    unreadable: guarded((fault) => {
      // a last line that was cut off is no fault of its own: the end of the channel says more
      if (!settling) receiver?.unreadable(fault)
    }),
  })
  const outbox = createOutbox({
    write: (text) => child.write(text),
    highWaterLength: options.highWaterBytes,
    maxLength: options.maxOutboundBytes,
    stalledMs: options.stalledReaderMs,
    onBroken: (error) => void endUnlessDead({ kind: 'failed', message: 'the server closed its stdin', error }),
    onStalled: (length) => endBecause({ kind: 'failed', message: stalledWords(length, options.stalledReaderMs) }),
    timer,
  })

  child.readStderr({
    chunk(bytes) {
      tail.push(bytes)
      options.onStderr?.(bytes)
    },
    end() {
      tail.end()
      stderrEnd.resolve()
    },
  })
  const cleaned = child.exited.then((how) => {
    exit = how
    outbox.stop()
    if (receiver !== undefined || verdict !== undefined) void settle()
    return endLeftovers(child, options, timer)
  })
  const released = over.promise.then(() => cleaned).then(() => child.release())

  /** A process that closes a pipe is mostly about to end, and its exit code says more than the pipe. */
  async function endUnlessDead(why: Verdict): Promise<void> {
    if (!(await comesWithin(child.exited, options.halfCloseGraceMs, timer))) endBecause(why)
  }

  function endBecause(why: Verdict): void {
    if (verdict !== undefined || exit !== undefined) return
    verdict = why
    finish()
    ending = endAll()
  }

  /** Waits a little for what a dead child said last; only a pipe that somebody else holds makes it wait to the end. */
  async function settle(): Promise<void> {
    if (settling || ended) return
    settling = true
    const pipes = verdict === undefined ? [stdoutEnd.promise, stderrEnd.promise] : [stderrEnd.promise]
    await comesWithin(Promise.all(pipes), options.exitDrainMs, timer)
    if (verdict === undefined) reader.end()
    tail.end()
    finish()
  }

  function finish(): void {
    if (ended) return
    ended = true
    outbox.stop()
    tellEnd()
    over.resolve()
  }

  function tellEnd(): void {
    if (receiver !== undefined) guarded(receiver.end)(exitReason(verdict, exit, tail.lines()))
  }

  async function endAll(): Promise<void> {
    await endChild(child, outbox.drained(), options, timer)
    if (exit !== undefined) {
      // a channel that nobody opened has nothing to wait for
      if (receiver === undefined) finish()
      return released
    }
    verdict = { kind: 'failed', message: `process ${child.pid} could not be ended` }
    finish()
    child.release()
  }

  function close(): Promise<void> {
    if (ending !== undefined) return ending
    if (exit === undefined) {
      verdict = { kind: 'local', message: 'closed by this side' }
      // calls that wait for an answer need not wait until the process is gone
      receiver?.readEnd?.(exitReason(verdict, undefined, tail.lines()))
    }
    ending = endAll()
    return ending
  }

  return {
    open(to) {
      if (receiver !== undefined) throw new TypeError('a channel is opened once')
      receiver = to
      if (ended) return queueMicrotask(tellEnd)
      if (verdict !== undefined) return
      child.readStdout({
        chunk(bytes) {
          if (verdict === undefined && !ended) reader.push(bytes)
        },
        end() {
          stdoutEnd.resolve()
          void endUnlessDead({ kind: 'remote', message: 'the server closed its stdout' })
        },
      })
      if (exit !== undefined) void settle()
    },
    send(message: JsonRpcMessage | JsonRpcMessage[]) {
      const text = Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
      if (ending === undefined) return outbox.push(`${text}\n`)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function stalledWords(length: number, ms: number): string {
  return `the server read nothing for ${ms} ms (stalledReaderMs) while ${length} bytes waited (maxOutboundBytes)`
}

/** A listener that throws is a bug to be seen, but no reason to stop reading a pipe. */
function guarded<T>(listener: (value: T) => unknown): (value: T) => void {
  return (value) => {
    try {
      listener(value)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
