/** What a registry was given for one package. */
export interface PublishedPackage {
  version: string
  dependencies: Readonly<Record<string, string>>
  bytes: number
}

/** A registry on loopback that has nothing at first, takes what is published, and asks for no login. */
export interface LoopbackRegistry extends Disposable {
  url: string
  /** By name, in the order of their arrival. */
  packages: ReadonlyMap<string, PublishedPackage>
}

export function createLoopbackRegistry(): LoopbackRegistry {
  const packages = new Map<string, PublishedPackage>()
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const name = decodeURIComponent(new URL(request.url).pathname.slice(1))
      if (request.method === 'PUT') {
        packages.set(name, readPublished(await request.json()))
        return Response.json({ ok: true }, { status: 201 })
      }
      const known = packages.get(name)
      if (known === undefined) return Response.json({ error: 'not found' }, { status: 404 })
      const { version } = known
      return Response.json({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version } } })
    },
  })
  return { url: `http://127.0.0.1:${server.port}/`, packages, [Symbol.dispose]: () => void server.stop(true) }
}

function readPublished(body: unknown): PublishedPackage {
  const [version = '', manifest] = Object.entries(Object(Object(body).versions))[0] ?? []
  const [attachment] = Object.values(Object(Object(body)._attachments))
  return { version, dependencies: Object(manifest).dependencies ?? {}, bytes: Number(Object(attachment).length) }
}
