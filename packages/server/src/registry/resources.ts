import { type CacheHint, parseUriTemplate } from '@bao-mcp/protocol/engine'
import type { Changes } from '../changes.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { completes } from './completion-values.ts'
import type { Reading } from './read-resource.ts'
import type { Resource } from './resource.ts'
import type { ResourceTemplate } from './resource-template.ts'

/** The resources of a server, by URI. */
export interface ResourceRegistry extends Catalogue<Resource> {
  /** Families of resources, by URI template. The first one that matches a URI reads it. */
  readonly templates: Catalogue<ResourceTemplate>
  /** Whether a template was ever registered that completes its variables. */
  completes(): boolean
  /** Entries on one page of a list. */
  readonly pageSize: number | undefined
  readonly cache: CacheHint | undefined
  /** Tells those who subscribed to a resource that it changed; however often in a tick, they are told once. */
  updated(uri: string): void
  /** What a URI is read by: the resource of that URI, or else a template; undefined when there is nothing. */
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
  const shared = { onChange: () => changes.mark('resources'), pageSize, cache }
  const catalogue = createCatalogue<Resource>({
    noun: 'resource',
    maker: 'resource',
    member: 'resources',
    keyOf: ({ uri }) => uri,
    rekeyed: (resource, uri) => ({ ...resource, uri, listed: { ...resource.listed, uri } }),
    encode: ({ listed }, revision) => revision.encodeResource(listed),
    ...shared,
  })
  let completing = false
  const templates = createCatalogue<ResourceTemplate>({
    noun: 'resource template',
    maker: 'resourceTemplate',
    member: 'resourceTemplates',
    keyOf: ({ uriTemplate }) => uriTemplate,
    rekeyed: (template, uriTemplate) => ({
      ...template,
      uriTemplate,
      compiled: parseUriTemplate(uriTemplate),
      listed: { ...template.listed, uriTemplate },
    }),
    encode: ({ listed }, revision) => revision.encodeResource(listed),
    onRegister(template) {
      completing ||= completes(template.completers)
    },
    ...shared,
  })

  function readingByTemplate(uri: string): Reading | undefined {
    for (const { item } of templates.after(0)) {
      const variables = item.compiled.match(uri)
      if (variables === undefined) continue
      const { listed, cache: hint, read } = item
      return { name: uri, mimeType: listed.mimeType, cache: hint, read: (call) => read(variables, call) }
    }
    return undefined
  }

  return Object.assign(catalogue, {
    templates,
    completes: () => completing,
    pageSize,
    cache,
    updated: (uri: string) => updates.mark(uri),
    reading(uri: string): Reading | undefined {
      const resource = catalogue.get(uri)
      // a disabled resource is not to be read through the back door
      if (resource === undefined) return catalogue.has(uri) ? undefined : readingByTemplate(uri)
      return { name: uri, mimeType: resource.listed.mimeType, cache: resource.cache, read: resource.read }
    },
  })
}
