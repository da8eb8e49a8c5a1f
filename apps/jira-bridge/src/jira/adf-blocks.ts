import type { BlockContent, List, ListItem, PhrasingContent, TableRow } from 'mdast'
import { type AdfNode, attribute, childrenOf, isInline } from './adf.ts'
import { inlineToMarkdown, linkTo, mediaOf, plain } from './adf-inline.ts'

type ToBlocks = (node: AdfNode) => BlockContent[]

/** One row for each kind of block; any other leaves what is in it. */
const KINDS: Readonly<Record<string, ToBlocks>> = {
  paragraph: (node) => paragraphOf(inlineToMarkdown(childrenOf(node))),
  heading: (node) => [{ type: 'heading', depth: depthOf(node.attrs?.level), children: oneLine(childrenOf(node)) }],
  bulletList: (node) => [listOf(node, childrenOf(node).map(listItem))],
  orderedList: (node) => [{ ...listOf(node, childrenOf(node).map(listItem)), ordered: true, start: startOf(node) }],
  decisionList: (node) => [listOf(node, childrenOf(node).map(listItem))],
  taskList: (node) => [listOf(node, taskItems(node))],
  codeBlock: (node) => [
    { type: 'code', lang: attribute(node, 'language') ?? null, value: childrenOf(node).map(textOf).join('') },
  ],
  blockquote: (node) => [{ type: 'blockquote', children: blocksToMarkdown(childrenOf(node)) }],
  panel: (node) => [
    { type: 'blockquote', children: titled(panelTitle(attribute(node, 'panelType')), childrenOf(node)) },
  ],
  expand: (node) => titled(attribute(node, 'title'), childrenOf(node)),
  nestedExpand: (node) => titled(attribute(node, 'title'), childrenOf(node)),
  rule: () => [{ type: 'thematicBreak' }],
  table: (node) => {
    const rows = childrenOf(node).map(tableRow)
    return rows.length === 0 ? [] : [{ type: 'table', children: rows }]
  },
  media: (node) => paragraphOf([mediaOf(node)]),
  blockCard: (node) => cardOf(node),
  embedCard: (node) => cardOf(node),
}

/** Blocks of a document as Markdown's tree. */
export function blocksToMarkdown(nodes: readonly AdfNode[]): BlockContent[] {
  return nodes.flatMap((node) => {
    if (isInline(node)) return paragraphOf(inlineToMarkdown([node]))
    const known = Object.hasOwn(KINDS, node.type) ? KINDS[node.type] : undefined
    return known === undefined ? unknownBlock(node) : known(node)
  })
}

function unknownBlock(node: AdfNode): BlockContent[] {
  const children = childrenOf(node)
  if (children.some(isInline)) return paragraphOf(inlineToMarkdown(children))
  if (children.length > 0) return blocksToMarkdown(children)
  return paragraphOf(inlineToMarkdown([node]))
}

function paragraphOf(children: PhrasingContent[]): BlockContent[] {
  return children.length === 0 ? [] : [{ type: 'paragraph', children }]
}

function listOf({ type }: AdfNode, children: ListItem[]): List {
  return { type: 'list', ordered: type === 'orderedList', spread: false, children }
}

function listItem(node: AdfNode): ListItem {
  const children = childrenOf(node)
  const blocks = children.some(isInline) ? paragraphOf(inlineToMarkdown(children)) : blocksToMarkdown(children)
  return { type: 'listItem', spread: false, children: blocks }
}

/** A task list within a task list belongs to the item before it. */
function taskItems(node: AdfNode): ListItem[] {
  const items: ListItem[] = []
  for (const child of childrenOf(node)) {
    const before = items.at(-1)
    if (child.type === 'taskList' && before !== undefined) before.children.push(...blocksToMarkdown([child]))
    else if (child.type === 'taskList') items.push(...taskItems(child))
    else items.push(checked(listItem(child), attribute(child, 'state') === 'DONE'))
  }
  return items
}

/** A box needs a line to stand in. */
function checked(item: ListItem, isDone: boolean): ListItem {
  const isBare = item.children[0]?.type !== 'paragraph'
  return {
    ...item,
    checked: isDone,
    children: isBare ? [{ type: 'paragraph', children: [plain('…')] }, ...item.children] : item.children,
  }
}

function titled(title: string | undefined, children: readonly AdfNode[]): BlockContent[] {
  const blocks = blocksToMarkdown(children)
  if (title === undefined) return blocks
  return [{ type: 'paragraph', children: [{ type: 'strong', children: [plain(title)] }] }, ...blocks]
}

function panelTitle(type = 'info'): string {
  return `${type.slice(0, 1).toUpperCase()}${type.slice(1)}:`
}

function tableRow(row: AdfNode): TableRow {
  return {
    type: 'tableRow',
    children: childrenOf(row).map((cell) => ({ type: 'tableCell', children: oneLine(childrenOf(cell)) })),
  }
}

/** Headings and cells of Markdown are one line each: blocks stand behind each other there. */
function oneLine(nodes: readonly AdfNode[]): PhrasingContent[] {
  const lines = nodes.every(isInline) ? [inlineToMarkdown(nodes)] : nodes.map((node) => leavesOf(node))
  return lines
    .filter(({ length }) => length > 0)
    .flatMap((line, index) => (index === 0 ? line : [plain(' '), ...line]))
    .map((node) => (node.type === 'break' ? plain(' ') : node))
}

function leavesOf(node: AdfNode): PhrasingContent[] {
  if (node.type === 'media') return [mediaOf(node)]
  if (isInline(node)) return inlineToMarkdown([node])
  if (node.type === 'codeBlock') return [{ type: 'inlineCode', value: childrenOf(node).map(textOf).join('') }]
  const children = childrenOf(node)
  return children.length > 0 ? oneLine(children) : cardOf(node).flatMap(linesOfCard)
}

function cardOf(node: AdfNode): BlockContent[] {
  const url = attribute(node, 'url')
  return url === undefined ? [] : paragraphOf([linkTo(url)])
}

function linesOfCard(block: BlockContent): PhrasingContent[] {
  return block.type === 'paragraph' ? block.children : []
}

function textOf({ text = '' }: AdfNode): string {
  return text
}

function depthOf(level: unknown): 1 | 2 | 3 | 4 | 5 | 6 {
  return level === 2 || level === 3 || level === 4 || level === 5 || level === 6 ? level : 1
}

function startOf(node: AdfNode): number {
  const order = node.attrs?.order
  return typeof order === 'number' && Number.isInteger(order) && order >= 0 ? order : 1
}
