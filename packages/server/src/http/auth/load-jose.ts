/** The functions of `jose` that are used, loaded when a server is set up with a verifier that needs them. */
export type Jose = Pick<typeof import('jose'), 'createLocalJWKSet' | 'errors' | 'jwtVerify'>

/**
 * @param load stands in for importing the package
 * @throws {Error} naming the package to install
 */
export async function loadJose(load?: () => Promise<Jose>): Promise<Jose> {
  try {
    if (load !== undefined) return await load()
    // awaited right here, in the block: bundlers forgive no other import of a package that is not installed
    return await import('jose')
  } catch (cause) {
    throw new Error('jwtVerifier needs the package jose, which is not installed: bun add jose (or npm install jose)', {
      cause,
    })
  }
}
