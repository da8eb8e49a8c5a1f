/** A node of the Atlassian Document Format, the rich text of Jira Cloud; a document is a node of type `doc`. */
export interface AdfNode {
  type: string
  version?: number
  text?: string
  attrs?: Record<string, unknown>
  marks?: readonly AdfMark[]
  content?: readonly AdfNode[]
}

export interface AdfMark {
  type: string
  attrs?: Record<string, unknown>
}

/** Whether a value can be walked as a node; its members are looked at where they are used. */
export function isAdfNode(value: unknown): value is AdfNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The nodes below one; whatever is no node there is passed over. */
export function childrenOf({ content }: AdfNode): readonly AdfNode[] {
  return Array.isArray(content) ? content.filter(isAdfNode) : []
}

/** An attribute that is a text and not empty. */
export function attribute(node: AdfNode | AdfMark, name: string): string | undefined {
  const value = node.attrs?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The marks of a text; whatever is no mark there is passed over. */
export function marksOf({ marks }: AdfNode): readonly AdfMark[] {
  return Array.isArray(marks) ? marks.filter(isAdfNode) : []
}

export function paragraph(...content: AdfNode[]): AdfNode {
  return { type: 'paragraph', content }
}

export function text(value: string, ...marks: AdfMark[]): AdfNode {
  return { type: 'text', text: value, ...(marks.length > 0 && { marks }) }
}

const INLINE = new Set([
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'date',
  'status',
  'inlineCard',
  'inlineExtension',
  'mediaInline',
  'placeholder',
])

const SAFE_LINK = /^(?:https?:|mailto:|tel:|[^:]*$|[/?#])/i

/** Whether a link leads somewhere, and runs nothing when it is clicked. */
export function isSafeLink(href: string): boolean {
  return SAFE_LINK.test(href)
}

/** Whether a node stands within a line. */
export function isInline({ type }: AdfNode): boolean {
  return INLINE.has(type)
}
