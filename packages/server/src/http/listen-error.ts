/** A port could not be listened on. `code` is the operating system's: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`… */
export class HttpListenError extends Error {
  override readonly name = 'HttpListenError'
  readonly code: string
  readonly port: number
  readonly hostname: string

  constructor(where: { port: number; hostname: string }, cause: unknown) {
    const code = codeOf(cause)
    super(`cannot listen on ${where.hostname}, port ${where.port} (${code}): ${adviceOn(code)}`, { cause })
    this.code = code
    this.port = where.port
    this.hostname = where.hostname
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN'
}

function adviceOn(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use; stop what listens there, or take another one (port: 0 takes any that is free)'
    case 'EACCES':
    case 'EPERM':
      return 'the system does not allow it; take a port from 1024 up'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address; take 127.0.0.1, or 0.0.0.0 for all of them (hostname)'
    default:
      return 'see the cause'
  }
}
