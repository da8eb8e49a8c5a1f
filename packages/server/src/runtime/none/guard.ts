import type { GuardOptions, StdoutGuard } from '../port.ts'

/** @throws {TypeError} always: there is no stdout here */
export function guardStdout(_options: GuardOptions): StdoutGuard {
  throw new TypeError('stdio can be served by Bun and Node only')
}
