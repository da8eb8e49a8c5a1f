import type { Era } from '@bao-mcp/protocol/revisions'

export interface Launch {
  command: string
  args: string[]
}

/** What a tool answered, reduced to what the scenarios look at. */
export interface Answer {
  /** All text blocks, joined. */
  text: string
  isError: boolean
  structured: unknown
}

export type Reply = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> }

export interface CallSettings {
  signal?: AbortSignal
  onProgress?: (progress: number) => void
}

/** A connected client of any make, so that every client can be put through the same scenarios. */
export interface Driver extends AsyncDisposable {
  readonly era: Era
  /** The protocol version in use. */
  readonly version: string | undefined
  /** What the user answers when a server asks. */
  reply: Reply
  /** How often a server has asked. */
  readonly asked: number
  /** Resolves when the client first hears that the list of tools has changed. */
  readonly toolsChanged: Promise<void>
  listTools(): Promise<string[]>
  call(name: string, args?: Record<string, unknown>, settings?: CallSettings): Promise<Answer>
  /** Asks for a sign of life. */
  ping(): Promise<unknown>
}

/** Reduces a tool's result of any client. */
export function readAnswer(result: object): Answer {
  // proof: whatever a member holds is looked at before it is used
  const { content, isError, structuredContent } = result as Record<string, unknown>
  const blocks: { text?: unknown }[] = Array.isArray(content) ? content : []
  const text = blocks.map((block) => (typeof block.text === 'string' ? block.text : '')).join('')
  return { text, isError: isError === true, structured: structuredContent }
}
