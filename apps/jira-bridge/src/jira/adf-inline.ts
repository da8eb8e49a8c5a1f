import type { Link, PhrasingContent, Text } from 'mdast'
import { type AdfNode, attribute, childrenOf, isSafeLink, marksOf } from './adf.ts'

/** From the outside in: what wraps first. Other marks have no Markdown, and their text stands without them. */
const WRAPPERS = ['link', 'strong', 'em', 'strike'] as const
type Wrapper = (typeof WRAPPERS)[number]

/** A piece of a line, with the marks that still have to be put around it. */
interface Piece {
  readonly node: PhrasingContent
  readonly wraps: ReadonlyMap<Wrapper, string>
}

/** What stands within a line: one row for each kind of node that is no text. */
const KINDS: Readonly<Record<string, (node: AdfNode) => PhrasingContent>> = {
  hardBreak: () => ({ type: 'break' }),
  mention: (node) => plain(attribute(node, 'text') ?? `@${attribute(node, 'id') ?? 'unknown'}`),
  emoji: (node) => plain(attribute(node, 'text') ?? attribute(node, 'shortName') ?? ''),
  date: (node) => plain(dateOf(node.attrs?.timestamp)),
  status: (node) => ({ type: 'inlineCode', value: attribute(node, 'text') ?? '?' }),
  placeholder: (node) => plain(attribute(node, 'text') ?? ''),
  inlineCard: (node) => linkTo(attribute(node, 'url') ?? ''),
  mediaInline: (node) => mediaOf(node),
}
const ADDRESS = /https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]}]|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g

/** A line of a document as Markdown's tree; nodes of unknown kinds leave their text. */
export function inlineToMarkdown(nodes: readonly AdfNode[]): PhrasingContent[] {
  const pieces = nodes.flatMap(piecesOf)
  while (pieces.at(-1)?.node.type === 'break') pieces.pop()
  return wrapped(pieces, 0)
}

/** What a picture or file leaves in a text: its bytes stay where they are, and no reader loads them. */
export function mediaOf(node: AdfNode): PhrasingContent {
  const url = attribute(node, 'url')
  const alt = attribute(node, 'alt')
  if (url !== undefined) return linkTo(url, alt)
  return { type: 'emphasis', children: [plain(`attachment: ${alt ?? attribute(node, 'id') ?? 'unnamed'}`)] }
}

/** A link that leads somewhere; of any other, its text. */
export function linkTo(url: string, shown: string = url): Link | Text {
  return isSafeLink(url) ? { type: 'link', url, children: [plain(shown)] } : plain(shown)
}

export function plain(value: string): Text {
  return { type: 'text', value }
}

function piecesOf(node: AdfNode): Piece[] {
  if (node.type === 'text') return textPieces(node)
  const made = Object.hasOwn(KINDS, node.type) ? KINDS[node.type]?.(node) : undefined
  if (made !== undefined) {
    const wraps = wrapsOf(node)
    // there is no link within a link
    if (made.type === 'link') wraps.delete('link')
    return [{ node: made, wraps }]
  }
  const below = childrenOf(node)
  if (below.length > 0) return below.flatMap(piecesOf)
  const said = node.text ?? attribute(node, 'text')
  return said === undefined ? [] : [{ node: plain(said), wraps: new Map() }]
}

function textPieces(node: AdfNode): Piece[] {
  const value = node.text ?? ''
  const wraps = wrapsOf(node)
  if (marksOf(node).some(({ type }) => type === 'code')) return [{ node: { type: 'inlineCode', value }, wraps }]
  if (wraps.has('link')) return spaced(plain(value), wraps)
  return linked(value).flatMap((part) => (part.type === 'text' ? spaced(part, wraps) : [{ node: part, wraps }]))
}

function wrapsOf(node: AdfNode): Map<Wrapper, string> {
  const wraps = new Map<Wrapper, string>()
  for (const mark of marksOf(node)) {
    const wrapper = WRAPPERS.find((one) => one === mark.type)
    const href = attribute(mark, 'href') ?? ''
    if (wrapper !== undefined && (wrapper !== 'link' || isSafeLink(href))) wraps.set(wrapper, href)
  }
  return wraps
}

/** White space at either end apart, so that it can stand outside of marks, which do not hold there. */
function spaced({ value }: Text, wraps: Map<Wrapper, string>): Piece[] {
  const start = value.length - value.trimStart().length
  const end = value.trimEnd().length
  if (wraps.size === 0 || (start === 0 && end === value.length)) return [{ node: plain(value), wraps }]
  return [value.slice(0, start), value.slice(start, Math.max(start, end)), value.slice(Math.max(start, end))]
    .filter((part) => part !== '')
    .map((part) => ({ node: plain(part), wraps }))
}

/** Addresses are links in GitHub's Markdown anyway; said so, they need no escapes. */
function linked(value: string): (Text | Link)[] {
  const parts: (Text | Link)[] = []
  let end = 0
  for (const match of value.matchAll(ADDRESS)) {
    if (match.index > end) parts.push(plain(value.slice(end, match.index)))
    const [address] = match
    parts.push(linkTo(address.startsWith('http') ? address : `mailto:${address}`, address))
    end = match.index + address.length
  }
  if (end < value.length) parts.push(plain(value.slice(end)))
  return parts
}

/** Puts one mark around all neighbours that have it, and the marks further in within it. */
function wrapped(pieces: readonly Piece[], depth: number): PhrasingContent[] {
  const wrapper = WRAPPERS[depth]
  if (wrapper === undefined) return pieces.map(({ node }) => node)
  const made: PhrasingContent[] = []
  let at = 0
  while (at < pieces.length) {
    const value = pieces[at]?.wraps.get(wrapper)
    let end = at + 1
    while (end < pieces.length && pieces[end]?.wraps.get(wrapper) === value) end++
    made.push(...wrappedRun(pieces.slice(at, end), depth, wrapper, value))
    at = end
  }
  return made
}

function wrappedRun(run: readonly Piece[], depth: number, wrapper: Wrapper, value?: string): PhrasingContent[] {
  if (value === undefined) return wrapped(run, depth + 1)
  const first = run.findIndex((piece) => !isBlank(piece))
  if (first < 0) return run.map(({ node }) => node)
  const last = run.findLastIndex((piece) => !isBlank(piece)) + 1
  return [
    ...run.slice(0, first).map(({ node }) => node),
    wrap(wrapper, value, wrapped(run.slice(first, last), depth + 1)),
    ...run.slice(last).map(({ node }) => node),
  ]
}

function isBlank({ node }: Piece): boolean {
  return node.type === 'break' || (node.type === 'text' && node.value.trim() === '')
}

function wrap(wrapper: Wrapper, url: string, children: PhrasingContent[]): PhrasingContent {
  switch (wrapper) {
    case 'link':
      return { type: 'link', url, children }
    case 'strong':
      return { type: 'strong', children }
    case 'em':
      return { type: 'emphasis', children }
    case 'strike':
      return { type: 'delete', children }
    default:
      return wrapper satisfies never
  }
}

function dateOf(timestamp: unknown): string {
  const date = new Date(Number(timestamp))
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString().slice(0, 10)
}
