import type { TokenFile } from '../auth-types.ts'

/** @throws {Error} always: there are no files here */
export function openTokenFile(path: string): TokenFile {
  throw new Error(`this runtime has no files, so tokens cannot be kept in "${path}"; hand in a store of your own`)
}
