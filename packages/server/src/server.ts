import type { Icon, Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import { type CacheHint, isJsonObject } from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import type { Changes } from './changes.ts'
import { createExtensions, type Extension, type Extensions } from './extension.ts'
import { memoryHub } from './hub/memory.ts'
import type { Hub } from './hub/port.ts'
import type { Middleware } from './middleware.ts'
import { checkedHint } from './registry/cache-hint.ts'
import type { Prompt } from './registry/prompt.ts'
import { createPromptRegistry, type PromptRegistry } from './registry/prompts.ts'
import type { Resource } from './registry/resource.ts'
import type { ResourceTemplate } from './registry/resource-template.ts'
import { createResourceRegistry, type ResourceRegistry } from './registry/resources.ts'
import type { Tool } from './registry/tool.ts'
import { createToolRegistry, type ToolRegistry } from './registry/tools.ts'
import { createSealer, type Sealer, type SealOptions } from './rounds/sealed-state.ts'
import { type ChangeLog, createSharedChanges } from './shared-changes.ts'

/** What a server is made of. */
export interface ServerOptions {
  name: string
  version: string
  title?: string
  description?: string
  websiteUrl?: string
  icons?: Icon[]
  /** How a model should use this server, in prose. */
  instructions?: string
  tools?: Tool[]
  /** Given, even empty, resources are declared from the start; otherwise from the first one on. */
  resources?: Resource[]
  /** Given, even empty, resources are declared as well. */
  resourceTemplates?: ResourceTemplate[]
  /** Given, even empty, prompts are declared from the start; otherwise from the first one on. */
  prompts?: Prompt[]
  /** Wraps every request, the first one outermost. */
  middleware?: Middleware[]
  /** Entries on one page of a list. Default 1000. */
  pageSize?: number
  /** How long lists may be kept, and by whom. Default: not at all. */
  listCache?: CacheHint
  /** True tells callers the message of any error a tool throws, and not only of a ToolError. Default false. */
  exposeErrors?: boolean
  /** How what a handler remembers between rounds is sealed on its way through the client. */
  state?: SealOptions
  /** What it speaks beyond the core protocol. */
  extensions?: readonly Extension[]
  /** What all processes that serve this definition share. Default: this process alone. */
  hub?: Hub
  /** Told when changes could not be exchanged over the hub, once until they can. Default: says so on stderr. */
  onHubError?: (error: unknown) => void
}

/** What a server may or may not offer; the methods of what it does not are unknown methods. */
export type Offer = 'tools' | 'resources' | 'prompts' | 'completions'

/**
 * A server's definition, shared by all its connections. It holds nothing of any one of them, so it can serve any number of
 * clients at once, in any revision.
 */
export interface Server {
  readonly info: Implementation
  readonly instructions: string | undefined
  /** As they are declared to whoever asks now. */
  readonly capabilities: ServerCapabilities
  readonly tools: ToolRegistry
  readonly resources: ResourceRegistry
  readonly prompts: PromptRegistry
  readonly changes: Changes
  /** Updates of resources, by URI. */
  readonly updates: Changes<string>
  /** Both of them as every node of the hub made them, in the order of their positions. */
  readonly changeLog: ChangeLog
  readonly middleware: readonly Middleware[]
  readonly exposeErrors: boolean
  readonly extensions: Extensions
  readonly hub: Hub
  /** Seals the state of this definition's calls, so that whatever serves it over the same hub can open what any other sealed. */
  readonly sealer: Sealer
  /** Tools always; anything else once it was registered or its list was given. */
  offers(offer: Offer): boolean
}

/**
 * Defines a server. Nothing runs yet: give it to `serveStdio`, or to any number of them.
 * @throws {TypeError} for a tool name that is taken, a malformed extension, a state key that is too short, or a page size below 1
 */
export function createServer(options: ServerOptions): Server {
  if (!isJsonObject(options)) throw new TypeError('a server needs options: a name and a version, at least')
  const { name, version, title, description, websiteUrl, icons, hub = memoryHub() } = options
  for (const [member, value] of Object.entries({ name, version })) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`a server needs a ${member}, a string`)
  }
  const exchange = { hub, name, shared: options.hub !== undefined, failed: options.onHubError }
  const { changes, updates, positions } = createSharedChanges(exchange)
  const cache = checkedHint(options.listCache, 'listCache')
  const tools = createToolRegistry(changes, options.pageSize, cache)
  tools.add(...(options.tools ?? []))
  const resources = createResourceRegistry({ changes, updates, pageSize: options.pageSize, cache })
  resources.add(...(options.resources ?? []))
  resources.templates.add(...(options.resourceTemplates ?? []))
  const prompts = createPromptRegistry(changes, options.pageSize, cache)
  prompts.add(...(options.prompts ?? []))
  const extensions = createExtensions(options.extensions)

  function offers(offer: Offer): boolean {
    switch (offer) {
      case 'tools':
        return true
      case 'resources':
        return (
          (options.resources ?? options.resourceTemplates) !== undefined || resources.used || resources.templates.used
        )
      case 'prompts':
        return options.prompts !== undefined || prompts.used
      case 'completions':
        return prompts.completes() || resources.completes()
      default:
        return offer satisfies never
    }
  }

  const server: Server = {
    info: {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(websiteUrl !== undefined && { websiteUrl }),
      ...(icons !== undefined && { icons }),
    },
    instructions: options.instructions,
    get capabilities() {
      return {
        tools: { listChanged: true },
        ...(offers('resources') && { resources: { listChanged: true, subscribe: true } }),
        ...(offers('prompts') && { prompts: { listChanged: true } }),
        ...(offers('completions') && { completions: {} }),
        logging: {},
      }
    },
    tools,
    resources,
    prompts,
    changes,
    updates,
    changeLog: positions,
    middleware: options.middleware ?? [],
    exposeErrors: options.exposeErrors ?? false,
    extensions,
    hub,
    sealer: createSealer(hub, Date.now, options.state, name),
    offers,
  }
  for (const extension of extensions.list) extension.attach?.(server)
  return server
}

/** What a server declares to a client of this revision. */
export function capabilitiesIn(server: Server, revision: Revision): ServerCapabilities {
  const extensions = server.extensions.declared(revision)
  // proof: settings of extensions are JSON objects, which is what the member holds
  return { ...server.capabilities, ...(extensions !== undefined && { extensions }) } as ServerCapabilities
}
