import { describeCommand } from '../../transports/describe-command.ts'
import { type Reference, referencesIn } from './references.ts'

const HEAD = /^(?:\$?\{(?:env:|input:|user_config\.)?|\$env:)/
const PLAIN_NAME = /^(?:[A-Za-z_]\w*)?/
/** Hosts let people choose these. */
const CHOSEN_NAME = /^[\w.-]*/

/**
 * A reference for people: without its default, and past the first character that belongs to no name without anything,
 * since whoever wrote it otherwise than it is understood may have put a secret there.
 */
export function shownReference(reference: Reference): string {
  const { source, kind, fallback } = reference
  if (kind === 'folder') return source
  const [head] = HEAD.exec(source) ?? ['']
  const shown = head + nameIn(reference, source.slice(head.length))
  const rest = source.slice(shown.length)
  if (rest === '' || rest === '}') return source
  return `${shown}${fallback === undefined ? '' : ':-'}…${head.includes('{') ? '}' : ''}`
}

/** What a reference is to, as far as it is a name; undefined where nothing of it is. */
export function shownName(reference: Reference): string | undefined {
  const name = reference.kind === 'folder' ? reference.name : nameIn(reference, reference.name)
  return name === '' ? undefined : name
}

/** A text with something else in the place of each reference; what stands around them is left as it is. */
export function withReferencesAs(text: string, shown: (reference: Reference) => string): string {
  let from = 0
  const parts: string[] = []
  for (const reference of referencesIn(text)) {
    parts.push(text.slice(from, reference.index), shown(reference))
    from = reference.index + reference.source.length
  }
  return parts.join('') + text.slice(from)
}

/** A URL for people: without its query and who logs in, and with its references as {@link shownReference} has them. */
export function shownUrl(url: string): string {
  const text = withReferencesAs(url, shownReference)
  return describeCommand(text.replace(/[?#].*$/s, '?…').replace(/^[^/:@]+:[^/@]+@|^[^/:@]+@/, '***@'))
}

function nameIn({ kind }: Reference, text: string): string {
  const pattern = kind === 'input' || kind === 'user_config' ? CHOSEN_NAME : PLAIN_NAME
  return pattern.exec(text)?.[0] ?? ''
}
