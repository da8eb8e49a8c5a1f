import type { Prompt, Resource, ResourceTemplate, Tool } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { CachedMethod } from './cache.ts'
import type { KnownTools } from './known-tools.ts'
import { collectPages, isNamed, type ListToWalk, walkPages } from './pages.ts'
import type { RequestOptions } from './progress.ts'

/** How a list is read: from the cache or anew, and how many pages of it. */
export interface ListOptions extends Omit<RequestOptions, 'onProgress'> {
  /** Pages before the list is given up with an error. Default 64. */
  maxPages?: number | undefined
  /** Asks the server, whatever is kept of an earlier answer. */
  fresh?: boolean | undefined
}

/**
 * The lists of a server: each as an array of all pages, and page by page as far as a loop goes. An array begins once
 * more when a cursor is refused on the way, as the pages before it are stale then; a loop rejects.
 * @throws {InvalidResultError} past `maxPages`, when a cursor comes twice, and when an item is none
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination
 */
export interface Lists {
  listTools(options?: ListOptions): Promise<Tool[]>
  tools(options?: ListOptions): AsyncIterable<Tool>
  listResources(options?: ListOptions): Promise<Resource[]>
  resources(options?: ListOptions): AsyncIterable<Resource>
  listResourceTemplates(options?: ListOptions): Promise<ResourceTemplate[]>
  resourceTemplates(options?: ListOptions): AsyncIterable<ResourceTemplate>
  listPrompts(options?: ListOptions): Promise<Prompt[]>
  prompts(options?: ListOptions): AsyncIterable<Prompt>
}

export interface ListsOptions {
  /** Fetches one page. */
  read(method: CachedMethod, params: JsonObject | undefined, options: ListOptions | undefined): Promise<JsonObject>
  /** Forgets the pages of a list. */
  drop(method: CachedMethod): void
  /** The session that cursors belong to. */
  session(): unknown
  known: KnownTools
}

interface Kind<T> {
  method: CachedMethod
  member: string
  isItem(value: unknown): value is T
  learn?(items: readonly T[]): void
}

export function createLists({ read, drop, session, known }: ListsOptions): Lists {
  const tools: Kind<Tool> = { method: 'tools/list', member: 'tools', isItem: isTool, learn: known.learn }
  const resources: Kind<Resource> = { method: 'resources/list', member: 'resources', isItem: isResource }
  const templates: Kind<ResourceTemplate> = {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    isItem: isTemplate,
  }
  const prompts: Kind<Prompt> = { method: 'prompts/list', member: 'prompts', isItem: isPrompt }

  function walk<T>({ method, member, isItem }: Kind<T>, options: ListOptions | undefined): ListToWalk<T> {
    return {
      method,
      member,
      isItem,
      fetch: (params) => read(method, params, options),
      maxPages: options?.maxPages,
      session,
      refused: () => drop(method),
    }
  }

  async function all<T>(kind: Kind<T>, options: ListOptions | undefined): Promise<T[]> {
    const items = await collectPages(walk(kind, options))
    kind.learn?.(items)
    return items
  }

  async function* each<T>(kind: Kind<T>, options: ListOptions | undefined): AsyncGenerator<T, void, undefined> {
    for await (const page of walkPages(walk(kind, options))) {
      kind.learn?.(page)
      yield* page
    }
  }

  return {
    async listTools(options) {
      const items = await all(tools, options)
      known.keepOnly(items)
      return items
    },
    tools: (options) => each(tools, options),
    listResources: (options) => all(resources, options),
    resources: (options) => each(resources, options),
    listResourceTemplates: (options) => all(templates, options),
    resourceTemplates: (options) => each(templates, options),
    listPrompts: (options) => all(prompts, options),
    prompts: (options) => each(prompts, options),
  }
}

function isTool(value: unknown): value is Tool {
  return isNamed(value)
}

function isPrompt(value: unknown): value is Prompt {
  return isNamed(value)
}

function isResource(value: unknown): value is Resource {
  return isJsonObject(value) && typeof value.uri === 'string' && isNamed(value)
}

function isTemplate(value: unknown): value is ResourceTemplate {
  return isJsonObject(value) && typeof value.uriTemplate === 'string' && isNamed(value)
}
