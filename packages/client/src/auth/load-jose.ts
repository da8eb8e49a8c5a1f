import { AuthError } from './auth-error.ts'

/** The functions of `jose` that are used, loaded when the first thing is signed. */
export type Jose = Pick<
  typeof import('jose'),
  'exportJWK' | 'generateKeyPair' | 'importJWK' | 'importPKCS8' | 'SignJWT'
>

/**
 * @param what needs it, for the error
 * @param load stands in for importing the package
 * @throws {AuthError} `invalid_options` naming the package to install
 */
export async function loadJose(what: string, load?: () => Promise<Jose>): Promise<Jose> {
  try {
    if (load !== undefined) return await load()
    // awaited right here, in the block: bundlers forgive no other import of a package that is not installed
    return await import('jose')
  } catch (cause) {
    const message = `${what} needs the package jose, which is not installed: bun add jose (or npm install jose)`
    throw new AuthError('invalid_options', message, { cause })
  }
}
