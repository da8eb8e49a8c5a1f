import { type AdfNode, adfToText, isInlineHolder } from './adf.ts'

/** A document in the wiki markup that Data Center shows. Text that came in as plain text leaves as it came. */
export function adfToWiki(node: AdfNode): string {
  switch (node.type) {
    case 'doc':
    case 'panel':
    case 'expand':
      return children(node).join('\n\n')
    case 'heading':
      return `h${String(node.attrs?.level ?? 1)}. ${inline(node)}`
    case 'codeBlock':
      return `{code${node.attrs?.language === undefined ? '' : `:${String(node.attrs.language)}`}}\n${adfToText(node)}\n{code}`
    case 'bulletList':
      return items(node, '*')
    case 'orderedList':
      return items(node, '#')
    case 'blockquote':
      return `{quote}\n${children(node).join('\n\n')}\n{quote}`
    case 'rule':
      return '----'
    case 'table':
      return children(node).join('\n')
    case 'tableRow':
      return row(node)
    default:
      return isInlineHolder(node) ? inline(node) : inlineNode(node)
  }
}

function children(node: AdfNode): string[] {
  return (node.content ?? []).map(adfToWiki)
}

function items(list: AdfNode, bullet: string): string {
  return children(list)
    .map((item) => `${bullet} ${item}`)
    .join('\n')
}

function row(node: AdfNode): string {
  const bar = node.content?.[0]?.type === 'tableHeader' ? '||' : '|'
  return `${bar}${children(node).join(bar)}${bar}`
}

function inline(node: AdfNode): string {
  return (node.content ?? []).map(inlineNode).join('')
}

function inlineNode(node: AdfNode): string {
  if (node.type === 'mention') return `[~${String(node.attrs?.text ?? '').replace('@', '')}]`
  if (node.type !== 'text') return node.content === undefined ? adfToText(node) : children(node).join('\n\n')
  return (node.marks ?? []).reduce((shown, mark) => marked(shown, mark.type, mark.attrs), node.text ?? '')
}

function marked(shown: string, mark: string, attrs: Record<string, unknown> = {}): string {
  if (mark === 'strong') return `*${shown}*`
  if (mark === 'em') return `_${shown}_`
  if (mark === 'code') return `{{${shown}}}`
  if (mark === 'link') return `[${shown}|${String(attrs.href ?? '')}]`
  return shown
}
