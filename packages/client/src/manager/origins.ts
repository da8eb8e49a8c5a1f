import { parseUriTemplate, type UriTemplate } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { closestFirst, listNames } from './closest.ts'
import { ManagerError } from './manager-error.ts'

/** The resources of one server, as they were listed over one connection. */
export interface OriginMap {
  /** How the server offers a URI: by itself, by a template, or not. Lists its resources when that was not done. */
  offers(client: Client, uri: string): Promise<'listed' | 'template' | undefined>
  /** URIs that were listed. */
  readonly uris: Iterable<string>
  /** They may be others now. */
  forget(): void
}

interface Listed {
  readonly client: Client
  readonly uris: ReadonlySet<string>
  readonly templates: readonly UriTemplate[]
}

export function createOriginMap(): OriginMap {
  let listed: Listed | undefined
  let listing: { client: Client; done: Promise<Listed> } | undefined

  async function list(client: Client): Promise<Listed> {
    const [resources, templates] = await Promise.all([client.listResources(), client.listResourceTemplates()])
    const uris = new Set(resources.map(({ uri }) => uri))
    return { client, uris, templates: templates.flatMap(({ uriTemplate }) => compiled(uriTemplate)) }
  }

  async function listedOver(client: Client): Promise<Listed> {
    if (listed?.client === client) return listed
    if (listing?.client !== client) listing = { client, done: list(client) }
    const mine = listing
    try {
      const fresh = await mine.done
      if (listing === mine) listed = fresh
      return fresh
    } finally {
      if (listing === mine) listing = undefined
    }
  }

  return {
    get uris() {
      return listed?.uris ?? []
    },
    async offers(client, uri) {
      if (client.capabilities.resources === undefined) return undefined
      const { uris, templates } = await listedOver(client)
      if (uris.has(uri)) return 'listed'
      return templates.some((template) => template.match(uri) !== undefined) ? 'template' : undefined
    },
    forget() {
      listed = undefined
      listing = undefined
    },
  }
}

/** One server that was asked for a URI. */
export interface Offer {
  readonly server: string
  readonly how: 'listed' | 'template' | undefined
}

/**
 * The one server a URI belongs to: what is listed comes before what fits a template.
 * @param known URIs there are
 * @param silent servers that could not be asked
 * @throws {ManagerError} `unknown_resource`, `ambiguous_resource`
 */
export function originOf(
  uri: string,
  offers: readonly Offer[],
  known: Iterable<string>,
  silent: readonly string[],
): string {
  for (const how of ['listed', 'template'] as const) {
    const servers = offers.filter((offer) => offer.how === how).map(({ server }) => server)
    const [only] = servers
    if (only !== undefined && servers.length === 1) return only
    if (servers.length > 1) {
      const message = `${JSON.stringify(uri)} is offered by ${listNames(servers)}: say which one is meant (server)`
      throw new ManagerError('ambiguous_resource', message, { known: servers })
    }
  }
  const near = closestFirst(uri, known)
  const unasked = silent.length > 0 ? `; not connected and not asked: ${listNames(silent)}` : ''
  const message = `no server offers the resource ${JSON.stringify(uri)}; there is: ${listNames(near)}${unasked}`
  throw new ManagerError('unknown_resource', message, { known: near })
}

/** A template that is none matches nothing. */
function compiled(source: string): UriTemplate[] {
  try {
    return [parseUriTemplate(source)]
  } catch {
    // it is the server's mistake, and its other resources are not to suffer from it
    return []
  }
}
