/** The functions of `jose` that are used, loaded when the first token is verified. */
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
