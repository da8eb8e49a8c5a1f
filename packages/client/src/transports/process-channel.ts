import {
  type Channel,
  type CloseReason,
  createNdjsonReader,
  createOutbox,
  encodeMessage,
  type JsonRpcMessage,
  type OutboxFailure,
  type Receiver,
  type Unreadable,
} from '@bao-mcp/protocol/engine'
import { guarded } from '../listeners.ts'
import type { Child, ChildExit } from '../runtime/spawn-types.ts'
import { type EndGraces, endChild, endLeftovers } from './end-child.ts'
import { exitReason, type Verdict } from './exit-reason.ts'
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
  /** Values that errors must not show. */
  secrets?: readonly string[] | undefined
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
  let atLastLine = false
  let ended = false
  let ending: Promise<void> | undefined

  const hear = {
    message: guarded((value: unknown) => receiver?.message(value)),
    unreadable: guarded((fault: Unreadable) => receiver?.unreadable(fault)),
    readEnd: guarded((reason: CloseReason) => receiver?.readEnd?.(reason)),
    end: guarded((reason: CloseReason) => receiver?.end(reason)),
  }
  const tail = createStderrTail(guarded(options.onStderrLine), options.secrets)
  const reader = createNdjsonReader({
    maxMessageBytes: options.maxMessageBytes,
    message: hear.message,
    unreadable(fault) {
      // a last line that was cut off is no fault of its own: the end of the channel says more
      if (!atLastLine || fault.salvaged !== undefined) hear.unreadable(fault)
    },
  })
  const outbox = createOutbox({
    write: (text) => child.write(text),
    highWaterLength: options.highWaterBytes,
    maxLength: options.maxOutboundBytes,
    stalledMs: options.stalledReaderMs,
    clock: timer,
    onFailed: outboxFailed,
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

  function outboxFailed(failure: OutboxFailure): void {
    if (failure.kind !== 'broken') return endBecause({ kind: 'failed', message: stalledWords(failure) })
    void endUnlessDead({ kind: 'failed', message: 'the server closed its stdin', error: failure.error })
  }

  /** A process that closes a pipe is mostly about to end, and its exit code says more than the pipe. */
  async function endUnlessDead(why: Verdict): Promise<void> {
    if (!(await comesWithin(child.exited, options.halfCloseGraceMs, timer))) endBecause(why)
  }

  function endBecause(why: Verdict): void {
    if (verdict !== undefined || exit !== undefined) return
    verdict = why
    // first: whoever hears of the end may close the channel
    ending = endAll()
    finish()
  }

  /** Waits a little for what a dead child said last; only a pipe that somebody else holds makes it wait to the end. */
  async function settle(): Promise<void> {
    if (settling || ended) return
    settling = true
    const pipes = verdict === undefined ? [stdoutEnd.promise, stderrEnd.promise] : [stderrEnd.promise]
    await comesWithin(Promise.all(pipes), options.exitDrainMs, timer)
    readLastLine()
    tail.end()
    finish()
  }

  /** The last line may lack its newline. */
  function readLastLine(): void {
    atLastLine = true
    if (verdict === undefined && !ended) reader.end()
  }

  function finish(): void {
    if (ended) return
    ended = true
    outbox.stop()
    tellEnd()
    over.resolve()
  }

  function tellEnd(): void {
    hear.end(exitReason(verdict, exit, tail.lines()))
  }

  async function endAll(): Promise<void> {
    await endChild(child, outbox.finish(), options, timer)
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
    const isAlive = exit === undefined
    if (isAlive) verdict = { kind: 'local', message: 'closed by this side' }
    ending = endAll()
    // calls that wait for an answer need not wait until the process is gone
    if (isAlive) hear.readEnd(exitReason(verdict, undefined, tail.lines()))
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
          readLastLine()
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

function stalledWords(failure: Exclude<OutboxFailure, { kind: 'broken' }>): string {
  const waited = `while ${failure.length} characters waited (maxOutboundBytes)`
  if (failure.kind === 'overrun') return `the server reads too slowly: more was sent ${waited}`
  return `the server read nothing for ${failure.stalledMs} ms (stalledReaderMs) ${waited}`
}
