import { type Clock, type CloseReason, INTERNAL_ERROR, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { ServerConnection } from '../connection.ts'
import type { EndSignal, ProcessHost } from '../runtime/port.ts'
import type { ServerLog } from '../serving.ts'

const EXIT_OK = 0
const EXIT_FAILED = 1
/** As a shell reports a process that a signal has ended. */
const EXIT_BY_SIGNAL: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

export interface LifecycleOptions {
  connection: ServerConnection
  host: ProcessHost
  log: ServerLog
  clock: Clock
  /** Milliseconds that running calls are given when the end is asked for. */
  drainGraceMs: number
  /** False leaves signals, exceptions and exits to the program around. */
  ownsProcess: boolean
}

/** How a served connection comes to its end: asked to, it answers what runs, lets it leave and is over. */
export interface Lifecycle {
  /** Ends in good order, with code 1 for a reason that is a failure. Asking again changes nothing but that code. */
  shutDown(reason: CloseReason): void
  /** Resolves with the exit code when the connection is over and everything installed is removed; never rejects. */
  readonly ended: Promise<number>
}

export function superviseConnection(options: LifecycleOptions): Lifecycle {
  const { connection, host, log, clock, drainGraceMs, ownsProcess } = options
  let exitCode = EXIT_OK
  let draining = false
  let signalled = false
  const removals: (() => void)[] = []
  let drained: Promise<void> | undefined

  function shutDown({ kind, message, error }: CloseReason): void {
    const failed = kind === 'failed'
    if (failed) {
      exitCode = EXIT_FAILED
      log.error(`shutting down: ${message}`, error)
    }
    if (draining) return
    draining = true
    if (!failed) log.info(`shutting down: ${message}`)
    // a call may wait for nothing that keeps the process alive, and still is owed its answer
    removals.push(host.holdOpen())
    void drain()
  }

  /** What goes on without a client has its time once, whichever way the connection ends; after a failure it has none. */
  function drainExtensions(graceMs: number): Promise<void> {
    drained ??= connection.drainExtensions(exitCode === EXIT_FAILED ? 0 : Math.max(0, graceMs))
    return drained
  }

  async function drain(): Promise<void> {
    const until = clock.now() + drainGraceMs
    connection.refuse(new RpcError(SERVER_BUSY, 'the server is shutting down'))
    if (!(await settlesWithin(connection.idle(), drainGraceMs, clock))) {
      const calls = connection.inFlight === 1 ? '1 call' : `${connection.inFlight} calls`
      log.warning(`${calls} did not finish within ${drainGraceMs} ms (drainGraceMs)`)
      connection.failInFlight(new RpcError(INTERNAL_ERROR, 'the server shut down before the call finished'))
    }
    await drainExtensions(until - clock.now())
    await connection.close()
  }

  function onSignal(signal: EndSignal): void {
    if (signalled) return host.exit(EXIT_BY_SIGNAL[signal])
    signalled = true
    shutDown({ kind: 'local', message: signal })
  }

  function onUncaught(error: unknown): void {
    connection.failInFlight(new RpcError(INTERNAL_ERROR, 'the server failed before the call finished'))
    shutDown({ kind: 'failed', message: 'an uncaught exception', error })
  }

  async function onClosed(reason: CloseReason): Promise<number> {
    if (reason.kind === 'failed') exitCode = EXIT_FAILED
    await drainExtensions(drainGraceMs)
    // whoever went away wants no more answers: that is how a client may end a server
    if (reason.kind !== 'local') log.warning(`the connection is over: ${reason.message}`)
    for (const remove of removals) remove()
    return exitCode
  }

  if (ownsProcess) {
    removals.push(
      host.onSignal(onSignal),
      host.onUncaught(onUncaught),
      host.onUnhandledRejection((reason) => log.error('a promise was rejected and nobody handled it', reason)),
    )
  }
  return { shutDown, ended: connection.closed.then(onClosed) }
}

async function settlesWithin(work: Promise<void>, ms: number, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const cancel = clock.after(ms, () => resolve(false))
  void work.then(() => resolve(true))
  try {
    return await promise
  } finally {
    cancel()
  }
}
