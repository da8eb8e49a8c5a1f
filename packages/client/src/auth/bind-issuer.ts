import type { GrantContext } from './grant.ts'

/**
 * Credentials without an issuer belong to the first authorization server they are shown to, and to no other: a server that
 * names another one must not get them sent there.
 * @param name of the credentials, the same in each process that shares the store; no secret
 * @returns the issuer they belong to when it is another one than that at hand
 */
export async function bindIssuer(
  name: string,
  { discovery, store, signal }: GrantContext,
): Promise<string | undefined> {
  const { issuer } = discovery.server
  const key = `client ${name}`
  await using _held = await store.lock(key, signal)
  const bound = await store.read(key)
  if (bound === undefined) await store.write(key, issuer, undefined)
  return bound === undefined || bound === issuer ? undefined : bound
}
