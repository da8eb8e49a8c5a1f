/** A node of the Atlassian Document Format; a document is a node of type `doc`. */
export interface AdfNode {
  type: string
  version?: number
  text?: string
  attrs?: Record<string, unknown>
  marks?: readonly { type: string; attrs?: Record<string, unknown> }[]
  content?: readonly AdfNode[]
}

const MAX_DEPTH = 100
const BLOCKS = new Set([
  'blockquote',
  'bulletList',
  'codeBlock',
  'expand',
  'heading',
  'mediaGroup',
  'mediaSingle',
  'orderedList',
  'panel',
  'paragraph',
  'rule',
  'table',
  'taskList',
  'decisionList',
  'blockCard',
])

/** Reads a value as a document; undefined when it is none. As strict as Jira is at its door: version 1, blocks below
 *  the document, text that is never empty, no nesting without end. */
export function readAdf(value: unknown): AdfNode | undefined {
  if (!isNode(value, 0)) return undefined
  if (value.type !== 'doc' || value.version !== 1 || value.content === undefined) return undefined
  return value.content.every((block) => BLOCKS.has(block.type)) ? value : undefined
}

/** Plain text as a document: a blank line parts paragraphs. `adfToText` gives the same text back. */
export function textToAdf(text: string): AdfNode {
  return doc(...text.split('\n\n').map((part) => paragraph(...lines(part))))
}

/** What a search looks through: every text of a document, block by block. */
export function adfToText(node: AdfNode): string {
  switch (node.type) {
    case 'text':
      return node.text ?? ''
    case 'hardBreak':
      return '\n'
    case 'mention':
    case 'emoji':
    case 'status':
    case 'date':
      return label(node.attrs)
    default: {
      const parts = (node.content ?? []).map(adfToText)
      return parts.join(isInlineHolder(node) ? '' : '\n\n')
    }
  }
}

export function isInlineHolder({ type }: AdfNode): boolean {
  return type === 'paragraph' || type === 'heading' || type === 'codeBlock'
}

export function doc(...content: AdfNode[]): AdfNode {
  return { type: 'doc', version: 1, content }
}

export function paragraph(...content: AdfNode[]): AdfNode {
  return { type: 'paragraph', content }
}

export function text(value: string, ...marks: string[]): AdfNode {
  return { type: 'text', text: value, ...(marks.length > 0 && { marks: marks.map((type) => ({ type })) }) }
}

function lines(part: string): AdfNode[] {
  return part
    .split('\n')
    .flatMap((line, index) => [...(index > 0 ? [{ type: 'hardBreak' }] : []), ...(line === '' ? [] : [text(line)])])
}

function label(attrs: Record<string, unknown> = {}): string {
  const shown = attrs.text ?? attrs.shortName ?? attrs.timestamp ?? ''
  return String(shown)
}

function isNode(value: unknown, depth: number): value is AdfNode {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return false
  if (!('type' in value) || typeof value.type !== 'string') return false
  if (value.type === 'text' && !('text' in value && typeof value.text === 'string' && value.text !== '')) return false
  if ('attrs' in value && (typeof value.attrs !== 'object' || value.attrs === null)) return false
  if ('marks' in value && !Array.isArray(value.marks)) return false
  if (!('content' in value) || value.content === undefined) return true
  return Array.isArray(value.content) && value.content.every((child: unknown) => isNode(child, depth + 1))
}
