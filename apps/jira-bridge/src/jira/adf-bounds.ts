import { type AdfNode, attribute, childrenOf, isInline } from './adf.ts'

/** Levels of a document. What people write has a tenth of them; past a thousand the stack ends. */
const MAX_DEPTH = 200
/** Nodes of a document, which take some tenths of a second. */
const MAX_NODES = 50_000

/** Whether a document can be read as one in reasonable time. Follows no more of it than that takes. */
export function isBounded(document: AdfNode): boolean {
  let nodes = 0
  let level: readonly AdfNode[] = [document]
  for (let depth = 0; level.length > 0; depth++) {
    nodes += level.length
    if (depth > MAX_DEPTH || nodes > MAX_NODES) return false
    level = level.flatMap(childrenOf)
  }
  return true
}

/** The texts of a document, one line for each block of them. Takes any depth. */
export function plainText(document: AdfNode): string {
  const lines: string[] = []
  let line = ''
  const endLine = (): void => {
    if (line !== '') lines.push(line)
    line = ''
  }
  const waiting: AdfNode[] = [document]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!isInline(node) || node.type === 'hardBreak') endLine()
    const said = typeof node.text === 'string' ? node.text : attribute(node, 'text')
    line += said ?? attribute(node, 'url') ?? ''
    // the last comes first off the stack
    for (const child of childrenOf(node).toReversed()) waiting.push(child)
  }
  endLine()
  return lines.join('\n')
}
