import type { CacheHint } from '@bao-mcp/protocol/engine'
import type { Changes } from '../changes.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { completes } from './completion-values.ts'
import type { Prompt } from './prompt.ts'

/** The prompts of a server, by name. */
export interface PromptRegistry extends Catalogue<Prompt> {
  /** Whether a prompt was ever registered that completes its arguments. */
  completes(): boolean
}

/** @throws {TypeError} for a page size below 1 */
export function createPromptRegistry(changes: Changes, pageSize?: number, cache?: CacheHint): PromptRegistry {
  let completing = false
  const catalogue = createCatalogue<Prompt>({
    noun: 'prompt',
    maker: 'prompt',
    member: 'prompts',
    keyOf: ({ name }) => name,
    rekeyed: (prompt, name) => ({ ...prompt, name, listed: { ...prompt.listed, name } }),
    encode: ({ listed }, revision) => revision.encodePrompt(listed),
    onChange: () => changes.mark('prompts'),
    onRegister(prompt) {
      completing ||= completes(prompt.completers)
    },
    pageSize,
    cache,
  })
  return Object.assign(catalogue, { completes: () => completing })
}
