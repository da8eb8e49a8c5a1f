import { type AdfNode, childrenOf, marksOf } from './adf.ts'
import { decodeEntities } from './entities.ts'

/**
 * Markdown whose raw HTML and images are hidden behind characters that mean nothing, and the way back. The converter drops
 * HTML, takes `<adf>` as a document of its own and loses images in some places; so HTML becomes plain text, and an image a
 * link: what a model writes must neither disappear nor make a reader's browser load something.
 */
export interface Shielded {
  readonly markdown: string
  /** The nodes with the hidden characters back in their place. */
  restore(nodes: readonly AdfNode[]): AdfNode[]
}

/** `<` that opens an autolink or a link's destination keeps its meaning. */
const RAW_HTML = /(?<!\]\()<(?![a-z][a-z0-9+.-]{1,31}:[^\s<>]*>|[^\s<>@]+@[^\s<>@]+>)|(?<=\]\()<(?![^<>\n]*>[)\s])/gi
const IMAGE = /!\[(\]?)/g
/** Punctuation that nobody writes: it parts words as `<` and `!` do. */
const FIRST_SPARE = 0x2e3e
const LAST_SPARE = 0x2e5d
const PRIVATE_USE = 0xe000

export function shield(markdown: string): Shielded {
  const [less = '', bang = '', nameless = ''] = spareCharacters(markdown, 3)
  const hidden = new RegExp(`[${less}${bang}${nameless}]`, 'g')

  function reveal(value: string, nothing: string): string {
    return value.replace(hidden, (character) => (character === less ? '<' : character === bang ? '!' : nothing))
  }

  const escaped = new RegExp(`\\\\(?=[${less}${bang}])`, 'g')

  function restoreText(node: AdfNode, isCode: boolean, next: AdfNode | undefined): AdfNode {
    const value = node.text ?? ''
    const marks = marksOf(node).map((mark) =>
      mark.attrs === undefined ? mark : { ...mark, attrs: restoreAttrs(mark.attrs) },
    )
    const isLiteral = isCode || marks.some(({ type }) => type === 'code')
    const isImage =
      !isLiteral && value.endsWith(bang) && !value.endsWith(`\\${bang}`) && next !== undefined && isLinked(next)
    const shown = isImage ? value.slice(0, -1) : value
    const revealed = isLiteral ? reveal(shown, '') : reveal(decodeEntities(shown.replace(escaped, '')), 'image')
    return { ...node, text: revealed, ...(marks.length > 0 && { marks }) }
  }

  function restoreAttrs(attrs: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(attrs).map(([name, value]) => [
        name,
        typeof value === 'string' ? reveal(decodeEntities(value), '') : value,
      ]),
    )
  }

  function restore(nodes: readonly AdfNode[], isCode = false): AdfNode[] {
    return nodes
      .map((node, index) => {
        if (node.type === 'text') return restoreText(node, isCode, nodes[index + 1])
        return {
          ...node,
          ...(node.attrs !== undefined && { attrs: restoreAttrs(node.attrs) }),
          ...(node.content !== undefined && { content: restore(childrenOf(node), node.type === 'codeBlock') }),
        }
      })
      .filter((node) => node.type !== 'text' || node.text !== '')
  }

  return {
    markdown: markdown
      .replace(RAW_HTML, less)
      .replace(IMAGE, (_, closed: string) => (closed === '' ? `${bang}[` : `${bang}[${nameless}]`)),
    restore: (nodes) => restore(nodes),
  }
}

function isLinked(node: AdfNode): boolean {
  return marksOf(node).some(({ type }) => type === 'link')
}

function spareCharacters(markdown: string, count: number): string[] {
  const used = new Set(markdown)
  const spare: string[] = []
  for (let code = FIRST_SPARE; spare.length < count; code = code === LAST_SPARE ? PRIVATE_USE : code + 1) {
    const character = String.fromCharCode(code)
    if (!used.has(character)) spare.push(character)
  }
  return spare
}
