import type { Tool } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** What calls need to know of a tool, as it was listed last. */
export interface KnownTool {
  readonly outputSchema: JsonObject | undefined
  /** Whether calling it twice does no more than calling it once, by its own word. */
  readonly isRepeatable: boolean
}

/** The tools as they were listed last. */
export interface KnownTools {
  /** Learns from tools that were listed. */
  learn(tools: readonly Tool[]): void
  /** Forgets the tools that are not on a complete list. */
  keepOnly(tools: readonly Tool[]): void
  get(name: string): KnownTool | undefined
}

export function createKnownTools(): KnownTools {
  const known = new Map<string, KnownTool>()
  return {
    learn(tools) {
      for (const { name, outputSchema, annotations } of tools) {
        const hints: unknown = annotations
        known.set(name, {
          outputSchema: isJsonObject(outputSchema) ? outputSchema : undefined,
          isRepeatable: isJsonObject(hints) && (hints.readOnlyHint === true || hints.idempotentHint === true),
        })
      }
    },
    keepOnly(tools) {
      const names = new Set(tools.map(({ name }) => name))
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    },
    get: (name) => known.get(name),
  }
}
