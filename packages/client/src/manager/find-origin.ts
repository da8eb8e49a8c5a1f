import type { Entry } from './entry.ts'
import { type Offer, originOf } from './origins.ts'

/**
 * The name of the connected server that offers a resource.
 * @throws {ManagerError} `unknown_resource`, `ambiguous_resource`
 * @throws the signal's reason
 */
export async function findOrigin(
  uri: string,
  entries: Iterable<Entry>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const all = [...entries]
  const silent: string[] = []
  const offers = await Promise.all(
    all.map(async ({ name, supervisor, origins }): Promise<Offer> => {
      const { client } = supervisor
      try {
        if (client !== undefined) return { server: name, how: await origins.offers(client, uri) }
      } catch {
        // one server that fails is no reason not to read from another; it is named where nobody offers the resource
      }
      silent.push(name)
      return { server: name, how: undefined }
    }),
  )
  signal?.throwIfAborted()
  const known = new Set(all.flatMap(({ origins }) => [...origins.uris]))
  return originOf(uri, offers, known, silent)
}
