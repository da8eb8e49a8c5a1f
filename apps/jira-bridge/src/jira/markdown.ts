import { markdownToAdf as convert } from 'marklassian'
import { gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown } from 'mdast-util-to-markdown'
import { type AdfNode, childrenOf, isAdfNode, paragraph, text } from './adf.ts'
import { blocksToMarkdown } from './adf-blocks.ts'
import { isBounded, plainText } from './adf-bounds.ts'
import { fittedDocument } from './adf-fit.ts'
import { isCostly } from './parse-cost.ts'
import { shield } from './shield.ts'

const OPTIONS: NonNullable<Parameters<typeof toMarkdown>[1]> = {
  bullet: '-',
  rule: '-',
  listItemIndent: 'one',
  extensions: [gfmToMarkdown({ tablePipeAlign: false })],
}

/**
 * Markdown (with the tables, task lists and strikethrough of GitHub) as a document of Jira Cloud. Never fails: what cannot
 * be read as Markdown, or not in reasonable time, is plain text. HTML is text, and images are links.
 * @see https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */
export function markdownToAdf(markdown: string): AdfNode {
  if (isCostly(markdown)) return plainDocument(markdown)
  const { markdown: shielded, restore } = shield(markdown.replaceAll('\0', '\ufffd'))
  try {
    return fittedDocument(restore(convert(shielded).content))
  } catch {
    // the parser gave up, as on nesting that overflows the stack; the words matter more than their form
    return plainDocument(markdown)
  }
}

/**
 * A document of Jira Cloud as Markdown; '' for none. Every text in it is kept: what Markdown has no form for (colours,
 * panels, mentions) stands there as text, a picture as a link. What is too deep or too large to be read as a document is
 * its text as a block of code. A text is taken as it is, as of Data Center.
 */
export function adfToMarkdown(document: unknown): string {
  if (typeof document === 'string') return document
  if (!isAdfNode(document)) return ''
  const children = !isBounded(document)
    ? [{ type: 'code' as const, value: plainText(document) }]
    : blocksToMarkdown(document.type === 'doc' ? childrenOf(document) : [document])
  return toMarkdown({ type: 'root', children }, OPTIONS).trimEnd()
}

function plainDocument(value: string): AdfNode {
  const paragraphs = value
    .split(/\n{2,}/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return { type: 'doc', version: 1, content: paragraphs.map((part) => paragraph(text(part))) }
}
