import { type AdfNode, doc, paragraph, text } from '../adf.ts'
import { ROLES, type RoleName } from './accounts.ts'

/** A document of a few lines of shorthand, one block each: `# heading`, `- item`, ` code`, `| cell | cell`, else a
 *  paragraph. Inside a line `@role` mentions and `` `code` `` marks. */
export function write(lines: readonly string[]): AdfNode {
  const blocks: AdfNode[] = []
  for (const line of lines) {
    const block = blockOf(line)
    const last = blocks.at(-1)
    const isContinued =
      last !== undefined && last.type === block.type && block.type !== 'paragraph' && block.type !== 'heading'
    if (isContinued) blocks[blocks.length - 1] = { ...last, content: merged(last, block) }
    else blocks.push(block)
  }
  return doc(...blocks)
}

function blockOf(line: string): AdfNode {
  if (line.startsWith('# ')) return { type: 'heading', attrs: { level: 2 }, content: inline(line.slice(2)) }
  if (line.startsWith('- ')) {
    return { type: 'bulletList', content: [{ type: 'listItem', content: [paragraph(...inline(line.slice(2)))] }] }
  }
  if (line.startsWith(' '))
    return { type: 'codeBlock', attrs: { language: 'typescript' }, content: [text(line.slice(1))] }
  if (line.startsWith('| ')) return table(line)
  return paragraph(...inline(line))
}

function table(line: string): AdfNode {
  const isHeader = line.startsWith('| *')
  const cells = line
    .slice(2)
    .split(' | ')
    .map((cell) => ({
      type: isHeader ? 'tableHeader' : 'tableCell',
      attrs: {},
      content: [paragraph(...inline(isHeader ? cell.replaceAll('*', '') : cell))],
    }))
  return { type: 'table', content: [{ type: 'tableRow', content: cells }] }
}

function merged(last: AdfNode, next: AdfNode): readonly AdfNode[] {
  if (next.type !== 'codeBlock') return [...(last.content ?? []), ...(next.content ?? [])]
  return [text(`${last.content?.[0]?.text ?? ''}\n${next.content?.[0]?.text ?? ''}`)]
}

function inline(line: string): AdfNode[] {
  return line
    .split(/(`[^`]+`|@[a-z-]+)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('`')) return text(part.slice(1, -1), 'code')
      const name = part.slice(1)
      return part.startsWith('@') && isRole(name) ? mention(name) : text(part)
    })
}

function mention(name: RoleName): AdfNode {
  const { accountId, displayName } = ROLES[name]
  return { type: 'mention', attrs: { id: accountId, text: `@${displayName}`, accessLevel: '' } }
}

function isRole(name: string): name is RoleName {
  return Object.hasOwn(ROLES, name)
}
