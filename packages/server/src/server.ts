import type { Icon, Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import type { Changes } from './changes.ts'
import { createChanges } from './changes.ts'
import { memoryHub } from './hub/memory.ts'
import type { Hub } from './hub/port.ts'
import type { Middleware } from './middleware.ts'
import type { Tool } from './registry/tool.ts'
import { createToolRegistry, type ToolRegistry } from './registry/tools.ts'
import { createSealer, type Sealer, type SealOptions } from './rounds/sealed-state.ts'

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
  /** Wraps every request, the first one outermost. */
  middleware?: Middleware[]
  /** Tools on one page of a list. Default 1000. */
  pageSize?: number
  /** True tells callers the message of any error a tool throws, and not only of a ToolError. Default false. */
  exposeErrors?: boolean
  /** How what a handler remembers between rounds is sealed on its way through the client. */
  state?: SealOptions
  /** What all processes that serve this definition share. Default: this process alone. */
  hub?: Hub
}

/**
 * A server's definition, shared by all its connections. It holds nothing of any one of them, so it can serve any number of
 * clients at once, in any revision.
 */
export interface Server {
  readonly info: Implementation
  readonly instructions: string | undefined
  readonly capabilities: ServerCapabilities
  readonly tools: ToolRegistry
  readonly changes: Changes
  readonly middleware: readonly Middleware[]
  readonly exposeErrors: boolean
  readonly hub: Hub
  /** Seals the state of this definition's calls, so that whatever serves it in this process can open what any other sealed. */
  readonly sealer: Sealer
}

/**
 * Defines a server. Nothing runs yet: give it to `serveStdio`, or to any number of them.
 * @throws {TypeError} for a tool name that is taken, a state key that is too short, or a page size below 1
 */
export function createServer(options: ServerOptions): Server {
  const { name, version, title, description, websiteUrl, icons, hub = memoryHub() } = options
  for (const [member, value] of Object.entries({ name, version })) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`a server needs a ${member}, a string`)
  }
  const changes = createChanges()
  const tools = createToolRegistry(changes, options.pageSize)
  tools.add(...(options.tools ?? []))
  return {
    info: {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(websiteUrl !== undefined && { websiteUrl }),
      ...(icons !== undefined && { icons }),
    },
    instructions: options.instructions,
    capabilities: { tools: { listChanged: true }, logging: {} },
    tools,
    changes,
    middleware: options.middleware ?? [],
    exposeErrors: options.exposeErrors ?? false,
    hub,
    sealer: createSealer(hub, Date.now, options.state),
  }
}
