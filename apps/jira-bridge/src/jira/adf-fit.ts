import { type AdfNode, attribute, childrenOf, isInline, isSafeLink, marksOf, paragraph, text } from './adf.ts'

/** What a node may hold, as Jira's document schema has it. */
type Place = 'doc' | 'cell' | 'item' | 'quote'

const LISTS = ['bulletList', 'orderedList']
const HOLDS: Readonly<Record<Place, ReadonlySet<string>>> = {
  doc: new Set(['paragraph', 'heading', 'codeBlock', 'blockquote', 'rule', 'table', 'taskList', ...LISTS]),
  cell: new Set(['paragraph', 'heading', 'codeBlock', 'blockquote', 'rule', 'taskList', ...LISTS]),
  item: new Set(['paragraph', 'codeBlock', 'taskList', ...LISTS]),
  quote: new Set(['paragraph', 'codeBlock', ...LISTS]),
}
const BREAK: AdfNode = { type: 'hardBreak' }

/** Makes blocks a document that Jira takes: what may not stand somewhere leaves its text there. */
export function fittedDocument(blocks: readonly AdfNode[]): AdfNode {
  return { type: 'doc', version: 1, content: fitAll(blocks, 'doc') }
}

function fitAll(nodes: readonly AdfNode[], place: Place): AdfNode[] {
  const fitted: AdfNode[] = []
  let line: AdfNode[] = []
  const endLine = (): void => {
    if (line.length > 0) fitted.push(paragraph(...inlines(line)))
    line = []
  }
  for (const node of nodes) {
    if (isInline(node)) {
      line.push(node)
      continue
    }
    endLine()
    fitted.push(...(HOLDS[place].has(node.type) ? fitBlock(node) : unwrapped(node, place)))
  }
  endLine()
  return fitted
}

function fitBlock(node: AdfNode): AdfNode[] {
  const children = childrenOf(node)
  switch (node.type) {
    case 'paragraph':
    case 'heading':
      return [{ ...node, content: inlines(children) }]
    case 'codeBlock':
      return [codeBlock(node)]
    case 'blockquote':
      return [{ ...node, content: neverEmpty(fitAll(children, 'quote')) }]
    case 'bulletList':
    case 'orderedList':
      return [{ ...node, content: children.map(listItem) }]
    case 'taskList':
      return [{ ...node, content: children.flatMap(taskItem) }]
    case 'table':
      return [{ ...node, content: children.map(tableRow) }]
    default:
      return [node]
  }
}

/** What may not stand here, as what may. */
function unwrapped(node: AdfNode, place: Place): AdfNode[] {
  switch (node.type) {
    case 'rule':
      return [paragraph(text('---'))]
    case 'heading':
      return [paragraph(...inlines(childrenOf(node)))]
    case 'table':
      return childrenOf(node).map((row) => paragraph(...joined(childrenOf(row).map(linesOf), text(' | '))))
    case 'taskList':
      return childrenOf(node).flatMap((item) => {
        if (item.type === 'taskList') return unwrapped(item, place)
        return [paragraph(text(attribute(item, 'state') === 'DONE' ? '[x] ' : '[ ] '), ...linesOf(item))]
      })
    default:
      return fitAll(childrenOf(node), place)
  }
}

function codeBlock(node: AdfNode): AdfNode {
  const language = attribute(node, 'language')
  const code = childrenOf(node)
    .map((child) => child.text ?? '')
    .join('')
  return {
    type: 'codeBlock',
    // the converter says `text` where the Markdown says nothing
    ...(language !== undefined && language !== 'text' && { attrs: { language } }),
    ...(code !== '' && { content: [text(code)] }),
  }
}

function listItem(node: AdfNode): AdfNode {
  return { ...node, content: neverEmpty(fitAll(childrenOf(node), 'item')) }
}

/** An item holds one line, and a list below it stands beside it. */
function taskItem(node: AdfNode): AdfNode[] {
  if (node.type === 'taskList') return fitBlock(node)
  const children = childrenOf(node)
  const below = children.filter(({ type }) => type === 'taskList')
  const own = children.filter(({ type }) => type !== 'taskList')
  return [{ ...node, content: linesOf({ type: node.type, content: own }) }, ...below.flatMap(fitBlock)]
}

function tableRow(node: AdfNode): AdfNode {
  return {
    ...node,
    content: childrenOf(node).map((cell) => ({ ...cell, content: neverEmpty(fitAll(childrenOf(cell), 'cell')) })),
  }
}

/** Everything below a node within lines. */
function linesOf(node: AdfNode): AdfNode[] {
  const children = childrenOf(node)
  if (children.every(isInline)) return inlines(children)
  return joined(
    children.map((child) => (isInline(child) ? inlines([child]) : linesOf(child))),
    BREAK,
  )
}

function joined(parts: readonly AdfNode[][], separator: AdfNode): AdfNode[] {
  return parts.filter(({ length }) => length > 0).flatMap((part, index) => (index === 0 ? part : [separator, ...part]))
}

/** Neighbours of one look become one text, and no link leads where a click would run something. */
function inlines(nodes: readonly AdfNode[]): AdfNode[] {
  const merged: AdfNode[] = []
  // gathered apart, so that a long line is not copied for every piece of it
  let pieces: string[] = []
  let look: string | undefined
  let first: AdfNode | undefined
  const endRun = (): void => {
    if (first !== undefined) merged.push({ ...first, text: pieces.join('') })
    pieces = []
    first = undefined
    look = undefined
  }
  for (const node of nodes) {
    if (node.type !== 'text') {
      endRun()
      merged.push(node)
      continue
    }
    const marks = marksOf(node).filter((mark) => mark.type !== 'link' || isSafeLink(attribute(mark, 'href') ?? ''))
    const ownLook = JSON.stringify(marks)
    if (first === undefined || ownLook !== look) {
      endRun()
      first = { type: 'text', ...(marks.length > 0 && { marks }) }
      look = ownLook
    }
    pieces.push(node.text ?? '')
  }
  endRun()
  return merged
}

function neverEmpty(nodes: AdfNode[]): AdfNode[] {
  return nodes.length > 0 ? nodes : [paragraph()]
}
