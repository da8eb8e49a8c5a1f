import { AuthError } from './auth-error.ts'

/** The functions of `jose` that are used, loaded when the first thing is signed. */
export type Jose = Pick<
  typeof import('jose'),
  'exportJWK' | 'generateKeyPair' | 'importJWK' | 'importPKCS8' | 'SignJWT'
>

/**
 * @param what needs it, for the error
 * @throws {AuthError} `invalid_options` naming the package to install
 */
export async function loadJose(what: string, load: () => Promise<Jose> = () => import('jose')): Promise<Jose> {
  try {
    return await load()
  } catch (cause) {
    const message = `${what} needs the package jose, which is not installed: bun add jose (or npm install jose)`
    throw new AuthError('invalid_options', message, { cause })
  }
}
