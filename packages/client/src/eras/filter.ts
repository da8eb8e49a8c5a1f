import type { ServerCapabilities } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { NOTHING, type Wanted } from '../wanted.ts'

/** What a server has declared that it tells of. */
export interface Offered {
  readonly tools: boolean
  readonly prompts: boolean
  readonly resources: boolean
  /** New contents of resources. */
  readonly updates: boolean
}

export function offeredOf({ tools, prompts, resources }: ServerCapabilities): Offered {
  return {
    tools: tools?.listChanged === true,
    prompts: prompts?.listChanged === true,
    resources: resources?.listChanged === true,
    updates: resources?.subscribe === true,
  }
}

/** What is wanted, as a subscription asks for it: only what it names is told. */
export function filterOf({ tools, prompts, resources, uris }: Wanted): JsonObject {
  return {
    ...(tools && { toolsListChanged: true }),
    ...(prompts && { promptsListChanged: true }),
    ...(resources && { resourcesListChanged: true }),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
  }
}

/** The part of what is wanted that an acknowledgement names. */
export function readFilter(filter: unknown, wanted: Wanted): Wanted {
  if (!isJsonObject(filter)) return NOTHING
  const { resourceSubscriptions } = filter
  const named = new Set<unknown>(Array.isArray(resourceSubscriptions) ? resourceSubscriptions : [])
  return {
    tools: wanted.tools && filter.toolsListChanged === true,
    prompts: wanted.prompts && filter.promptsListChanged === true,
    resources: wanted.resources && filter.resourcesListChanged === true,
    uris: wanted.uris.filter((uri) => named.has(uri)),
  }
}
