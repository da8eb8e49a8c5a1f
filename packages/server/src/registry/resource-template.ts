import type { Resource as ListedResource, ResourceTemplate as ListedTemplate } from '@bao-mcp/protocol'
import { type CacheHint, type MaybePromise, parseUriTemplate, type UriTemplate } from '@bao-mcp/protocol/engine'
import type { CallContext } from '../context.ts'
import { checkedHint } from './cache-hint.ts'
import { type Completer, type Completers, completersOf } from './completion-values.ts'
import { described, type ReadReturn, type ResourceDescription } from './resource.ts'

export interface ResourceTemplateDefinition extends ResourceDescription {
  /** RFC 6570, levels 1 to 3. Unique within the server. */
  uriTemplate: string
  /** @param variables percent-decoded; they may hold anything, `..` and `/` included */
  read(variables: { readonly [name: string]: string }, call: CallContext): MaybePromise<ReadReturn>
  /** Completes variables, by name. */
  complete?: { readonly [variable: string]: Completer }
  /** Resources of this family to list. Each URI must match the template. */
  list?(): MaybePromise<readonly ListedResource[]>
}

/** A family of resources made ready once, shared by every connection. */
export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly compiled: UriTemplate
  /** As it is listed, before any revision adapts it. */
  readonly listed: ListedTemplate
  readonly cache: CacheHint | undefined
  readonly completers: Completers
  read(variables: { readonly [name: string]: string }, call: CallContext): unknown
  readonly list: (() => MaybePromise<readonly ListedResource[]>) | undefined
}

/**
 * Defines a family of resources.
 * @throws {TypeError} when its template is none, or its cache hint is malformed
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates
 */
export function resourceTemplate(definition: ResourceTemplateDefinition): ResourceTemplate {
  const { uriTemplate, cache, complete = {} } = definition
  const what = `resource template ${JSON.stringify(uriTemplate)}`
  if (typeof uriTemplate !== 'string') throw new TypeError(`${what}: it needs a URI template`)
  const compiled = parseUriTemplate(uriTemplate)
  return {
    uriTemplate,
    compiled,
    completers: completersOf(compiled.variables, complete, what),
    listed: { uriTemplate, ...described(definition, what) },
    cache: checkedHint(cache, what),
    read: (variables, call) => definition.read(variables, call),
    list: definition.list === undefined ? undefined : () => definition.list?.() ?? [],
  }
}
