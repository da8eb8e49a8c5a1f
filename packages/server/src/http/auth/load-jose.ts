/** The functions of `jose` that are used, loaded when a server is set up with a verifier that needs them. */
export type Jose = Pick<typeof import('jose'), 'createLocalJWKSet' | 'errors' | 'jwtVerify'>

/** @throws {Error} naming the package to install */
export async function loadJose(load: () => Promise<Jose> = () => import('jose')): Promise<Jose> {
  try {
    return await load()
  } catch (cause) {
    throw new Error('jwtVerifier needs the package jose, which is not installed: bun add jose (or npm install jose)', {
      cause,
    })
  }
}
