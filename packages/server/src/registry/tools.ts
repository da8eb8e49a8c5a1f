import type { CacheHint } from '@bao-mcp/protocol/engine'
import type { Changes } from '../changes.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import type { Tool } from './tool.ts'

/** The tools of a server, by name. */
export interface ToolRegistry extends Catalogue<Tool> {}

/** @throws {TypeError} for a page size below 1 */
export function createToolRegistry(changes: Changes, pageSize?: number, cache?: CacheHint): ToolRegistry {
  return createCatalogue<Tool>({
    noun: 'tool',
    maker: 'tool',
    member: 'tools',
    keyOf: ({ name }) => name,
    rekeyed: (tool, name) => ({ ...tool, name, listed: { ...tool.listed, name } }),
    encode: ({ listed }, revision) => revision.encodeTool(listed),
    onChange: () => changes.mark('tools'),
    pageSize,
    cache,
  })
}
