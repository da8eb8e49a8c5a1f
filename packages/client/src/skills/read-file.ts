import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Client, PlainOptions } from '../client.ts'
import { folderOf, type Manifest, manifestOf, pathOf, type SkillEntry, type SkillResource } from './entry.ts'
import { mustSayTheSame, splitSkill } from './frontmatter.ts'
import { SkillError } from './skill-error.ts'

/** A file of a skill that is what its entry says. */
export interface SkillFile {
  readonly uri: string
  /** The caller's own. */
  readonly bytes: Uint8Array
  /** Undefined for bytes that are no UTF-8. A byte order mark stays. */
  readonly text: string | undefined
}

/** Entries whose skills turned out to be others than they say: nothing more is read by them. */
const failed = new WeakMap<SkillEntry, SkillError>()

/**
 * Reads one file of a skill, and gives it out once its size and its digest, and the frontmatter of a SKILL.md, are what the
 * entry says. After a failure nothing is read by the same entry any more: ask for a new one.
 * @param reference the file's URI, or its path from the skill's folder down, as it stands in SKILL.md
 * @throws {SkillError} naming what differs
 * @throws {RpcError} what the server answered
 * @see https://github.com/modelcontextprotocol/ext-skills
 */
export async function readFile(
  client: Client,
  entry: SkillEntry,
  reference: string,
  options: PlainOptions = {},
): Promise<SkillFile> {
  const before = failed.get(entry)
  if (before !== undefined) throw before
  try {
    const listed = listedFile(entry, manifestOf(entry), reference)
    const file = await read(client, listed, options)
    await mustBe(file, listed)
    if (listed.uri === entry.uri) mustSayTheSame(splitSkill(textOf(file), entry.uri).yaml, entry.frontmatter, entry.uri)
    return file
  } catch (error) {
    if (error instanceof SkillError) failed.set(entry, error)
    throw error
  }
}

/** @throws {SkillError} `unreadable` for bytes that are no UTF-8 */
export function textOf({ text, uri }: SkillFile): string {
  if (text !== undefined) return text
  throw new SkillError('unreadable', uri, 'it is no UTF-8 text')
}

/** "A host MUST treat a read of an unlisted file within the skill as a verification failure." */
function listedFile(entry: SkillEntry, manifest: Manifest, reference: string): SkillResource {
  const exact = manifest.get(reference)
  if (exact !== undefined) return exact
  const folder = folderOf(entry.uri) ?? entry.uri
  const path = resolved(reference)
  for (const file of manifest.values()) {
    if (path !== undefined && pathOf(file.uri, folder)?.join('/') === path) return file
  }
  throw new SkillError('unlisted', entry.uri, `it lists no file ${JSON.stringify(reference)}`)
}

/** A relative path without its dots; undefined for one that leads out of the folder. */
function resolved(reference: string): string | undefined {
  const path: string[] = []
  for (const segment of reference.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') path.push(segment)
    else if (path.pop() === undefined) return undefined
  }
  return path.join('/')
}

async function read(client: Client, { uri }: SkillResource, options: PlainOptions): Promise<SkillFile> {
  // what is kept of an earlier read may be from before the entry
  const { contents } = await client.readResource(uri, { ...options, fresh: true })
  const own = contents.filter((one) => one.uri === uri)
  const [content, ...more] = own
  if (content === undefined || more.length > 0) {
    throw new SkillError('unreadable', uri, `${own.length} contents with this uri were read, one is expected`)
  }
  // proof: nothing is assumed of the members that hold the content
  const { text, blob } = content as JsonObject
  if (typeof text === 'string') return { uri, bytes: new TextEncoder().encode(text), text }
  const bytes = bytesOf(String(blob), uri)
  return { uri, bytes, text: decoded(bytes) }
}

async function mustBe({ uri, bytes }: SkillFile, { size, digest }: SkillResource): Promise<void> {
  if (bytes.length !== size) throw new SkillError('size', uri, `it has ${bytes.length} bytes, its entry says ${size}`)
  const actual = await digestOf(bytes)
  if (actual !== digest) throw new SkillError('digest', uri, `its digest is ${actual}, its entry says ${digest}`)
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  // proof: the bytes were made here, in memory that no other thread shares
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return `sha256:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function bytesOf(base64: string, uri: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  } catch (cause) {
    throw new SkillError('unreadable', uri, 'its blob is no base64', { cause })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    // not UTF-8, which is the answer
    return undefined
  }
}
