import { isJsonObject } from './jsonrpc/message.ts'

/**
 * What is wrong with the order of tool uses and their results in the messages of `sampling/createMessage`; undefined when
 * nothing is. Messages that have neither are not looked at, whatever they are.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/sampling#message-content-constraints
 */
export function samplingFault(messages: readonly unknown[]): string | undefined {
  let open: readonly unknown[] = []
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message)
    const results = idsOf(blocks, 'tool_result', 'toolUseId')
    // "When a user message contains tool results, it MUST contain ONLY tool results."
    if (results.length > 0 && results.length < blocks.length) {
      return `messages[${index}] has other content beside tool results`
    }
    // "Every assistant message containing tool_use blocks MUST be followed by a user message that consists entirely of
    // tool_result blocks"
    const missing = open.find((id) => !results.includes(id))
    if (missing !== undefined) return `messages[${index}] does not answer the tool use ${JSON.stringify(missing)}`
    const stray = results.find((id) => !open.includes(id))
    if (stray !== undefined)
      return `messages[${index}] answers ${JSON.stringify(stray)}, which is no tool use before it`
    open = idsOf(blocks, 'tool_use', 'id')
  }
  return open.length > 0 ? `the tool use ${JSON.stringify(open[0])} is not answered` : undefined
}

function blocksOf(message: unknown): readonly unknown[] {
  const content = isJsonObject(message) ? message.content : undefined
  return Array.isArray(content) ? content : [content]
}

function idsOf(blocks: readonly unknown[], type: string, member: string): unknown[] {
  return blocks.flatMap((block) => (isJsonObject(block) && block.type === type ? [block[member] ?? null] : []))
}
