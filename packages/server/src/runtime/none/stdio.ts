import type { StdinHandlers } from '../port.ts'

/** @throws {TypeError} always: there is no stdin here */
export function readStdin(_handlers: StdinHandlers): () => void {
  throw new TypeError('stdio can be served by Bun and Node only')
}
