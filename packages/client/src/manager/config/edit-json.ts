import { isJsonObject } from '@bao-mcp/protocol/engine'
import { type JsonMember, type JsonNode, type JsonObjectNode, jsonOf, scanJsonc } from './jsonc.ts'

/** What is there besides a comment on the rest of a line. */
const TRAILING_COMMENT = /[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/)/y

/**
 * The text with a value under `keys`, whose last one is made where it is missing, and so are objects on the way. Where there is
 * an object already it becomes the new one member by member, so that comments of members that stay do so as well.
 * @throws {JsonFault} for a text that is no JSON with comments
 */
export function setIn(text: string, keys: readonly string[], value: unknown): string {
  const [holder, missing] = deepest(scanJsonc(text), keys)
  const [key, ...inner] = missing
  if (key !== undefined) {
    const member = inner.reduceRight<unknown>((one, name) => ({ [name]: one }), value)
    if (holder.kind === 'object') return insertMember(text, holder, key, member)
    return replaceNode(text, holder, { [key]: member })
  }
  if (holder.kind !== 'object' || !isJsonObject(value)) return replaceNode(text, holder, value)
  const gone = holder.members.filter((member) => !Object.hasOwn(value, member.key))
  const pruned = gone.reduce((one, member) => removeIn(one, [...keys, member.key]), text)
  return Object.entries(value).reduce((one, [name, member]) => setIn(one, [...keys, name], member), pruned)
}

/** The text without what stands under `keys`, as often as it does. @throws {JsonFault} */
export function removeIn(text: string, keys: readonly string[]): string {
  const last = keys.at(-1)
  for (let left = text; ; ) {
    const [holder, missing] = deepest(scanJsonc(left), keys.slice(0, -1))
    if (missing.length > 0 || holder.kind !== 'object') return left
    const index = holder.members.findIndex(({ key }) => key === last)
    const member = holder.members[index]
    if (member === undefined) return left
    left = cutMember(left, member, holder.members[index - 1])
  }
}

/** The node that the keys lead to, or the last one on the way with the keys that are left. */
function deepest(root: JsonNode, keys: readonly string[]): [JsonNode, readonly string[]] {
  let node = root
  for (const [index, key] of keys.entries()) {
    const member = node.kind === 'object' ? node.members.find((one) => one.key === key) : undefined
    if (member === undefined) return [node, keys.slice(index)]
    node = member.value
  }
  return [node, []]
}

function replaceNode(text: string, node: JsonNode, value: unknown): string {
  if (JSON.stringify(jsonOf(node)) === JSON.stringify(value)) return text
  const written =
    isOnOneLine(text, node) && text.includes('\n')
      ? inline(value)
      : styleOf(text).write(value, indentAt(text, node.start))
  return splice(text, node.start, node.end, written)
}

function insertMember(text: string, holder: JsonObjectNode, key: string, value: unknown): string {
  const { eol, unit, write } = styleOf(text)
  const name = JSON.stringify(key)
  const last = holder.members.at(-1)
  if (last === undefined) {
    const outer = indentAt(text, holder.start)
    const indent = outer + unit
    const member = `${eol}${indent}${name}: ${write(value, indent)}`
    const rest = text.slice(holder.start + 1, holder.end - 1)
    return rest.trim() === ''
      ? splice(text, holder.start + 1, holder.end - 1, `${member}${eol}${outer}`)
      : splice(text, holder.start + 1, holder.start + 1, member)
  }
  const behind = last.commaAt === undefined ? last.value.end : last.commaAt + 1
  const comma = last.commaAt === undefined ? ',' : ''
  if (isOnOneLine(text, holder)) {
    return splice(text, behind, behind, `${comma} ${name}: ${inline(value)}${comma === '' ? ',' : ''}`)
  }
  const indent = indentAt(text, last.keyStart)
  const end = endOfComment(text, behind)
  const member = `${eol}${indent}${name}: ${write(value, indent)}${comma === '' ? ',' : ''}`
  return splice(splice(text, end, end, member), behind, behind, comma)
}

/** Takes a member with its comma and, where it has lines of its own, the comment behind it. */
function cutMember(text: string, { keyStart, value, commaAt }: JsonMember, before: JsonMember | undefined): string {
  let from = keyStart
  let to = commaAt === undefined ? value.end : commaAt + 1
  const lineStart = text.lastIndexOf('\n', keyStart - 1) + 1
  if (text.slice(lineStart, keyStart).trim() === '') {
    const end = endOfComment(text, to)
    const blank = /[ \t]*(?:\r?\n|$)/y
    blank.lastIndex = end
    const isAlone = blank.test(text)
    to = isAlone ? blank.lastIndex : to
    from = isAlone ? lineStart : keyStart
  } else {
    while (text[to] === ' ') to++
  }
  const cut = splice(text, from, to, '')
  const spare = commaAt === undefined ? before?.commaAt : undefined
  return spare === undefined ? cut : splice(cut, spare, spare + 1, '')
}

/** How a text is laid out, so that what is added looks like the rest. */
function styleOf(text: string): { eol: string; unit: string; write(value: unknown, indent: string): string } {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  return {
    eol,
    unit,
    write: (value, indent) => (JSON.stringify(value, null, unit) ?? 'null').replaceAll('\n', `${eol}${indent}`),
  }
}

/** JSON on one line, with blanks where people put them. */
function inline(value: unknown): string {
  return (JSON.stringify(value, null, 1) ?? 'null').replace(/\n\s*/g, ' ')
}

function endOfComment(text: string, from: number): number {
  let end = from
  for (TRAILING_COMMENT.lastIndex = end; TRAILING_COMMENT.test(text); ) end = TRAILING_COMMENT.lastIndex
  return end
}

function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? ''
}

function isOnOneLine(text: string, { start, end }: JsonNode): boolean {
  return !text.slice(start, end).includes('\n')
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to)
}
