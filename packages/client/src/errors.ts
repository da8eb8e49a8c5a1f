/** A server could not be started, or ended before it answered anything. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError'
  readonly code = 'server_start_failed'
  /** What was started, without secrets. */
  readonly transport: string
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  /** Last lines the server wrote to stderr, oldest first. */
  readonly stderrTail: readonly string[]

  constructor(
    message: string,
    evidence: {
      transport: string
      exitCode?: number | undefined
      signal?: string | undefined
      stderrTail?: readonly string[] | undefined
      cause?: unknown
    },
  ) {
    super(message, evidence.cause === undefined ? undefined : { cause: evidence.cause })
    this.transport = evidence.transport
    this.exitCode = evidence.exitCode
    this.signal = evidence.signal
    this.stderrTail = evidence.stderrTail ?? []
  }
}
