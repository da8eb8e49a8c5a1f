import type { CacheHint } from '@bao-mcp/protocol/engine'
import type { Changes } from '../changes.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import type { Reading } from './read-resource.ts'
import type { Resource } from './resource.ts'

/** The resources of a server, by URI. */
export interface ResourceRegistry extends Catalogue<Resource> {
  /** Tells those who subscribed to a resource that it changed; however often in a tick, they are told once. */
  updated(uri: string): void
  /** What a URI is read by; undefined when there is nothing. */
  reading(uri: string): Reading | undefined
}

export interface ResourceRegistryOptions {
  changes: Changes
  /** Updates of resources, by URI. */
  updates: Changes<string>
  pageSize?: number | undefined
  cache?: CacheHint | undefined
}

/** @throws {TypeError} for a page size below 1 */
export function createResourceRegistry(options: ResourceRegistryOptions): ResourceRegistry {
  const { changes, updates, pageSize, cache } = options
  const catalogue = createCatalogue<Resource>({
    noun: 'resource',
    member: 'resources',
    keyOf: ({ uri }) => uri,
    rekeyed: (resource, uri) => ({ ...resource, uri, listed: { ...resource.listed, uri } }),
    encode: ({ listed }, revision) => revision.encodeResource(listed),
    onChange: () => changes.mark('resources'),
    pageSize,
    cache,
  })
  return Object.assign(catalogue, {
    updated: (uri: string) => updates.mark(uri),
    reading(uri: string): Reading | undefined {
      const resource = catalogue.get(uri)
      if (resource === undefined) return undefined
      return { name: uri, mimeType: resource.listed.mimeType, cache: resource.cache, read: resource.read }
    },
  })
}
