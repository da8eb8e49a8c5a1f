import type { Segments } from './skill-path.ts'

/** One file of a skill. */
export interface SkillFile {
  /** From the skill's folder down. */
  readonly path: Segments
  readonly bytes: Uint8Array
  readonly mimeType: string
  /** Whether it is read as text; its bytes are then exactly that text in UTF-8. */
  readonly isText: boolean
}

/** @param bytes kept as they are: nobody else may change them */
export function skillFile(path: Segments, bytes: Uint8Array): SkillFile {
  const name = path.at(-1) ?? ''
  const known = mimeTypes.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase())
  const isText = (known === undefined || isTextual(known)) && textOf(bytes) !== undefined
  return { path, bytes, mimeType: known ?? (isText ? 'text/plain' : 'application/octet-stream'), isText }
}

/** What a read of the file gives. */
export function contentOf({ bytes, isText }: SkillFile): string | Uint8Array {
  return isText ? utf8.decode(bytes) : bytes
}

/** Undefined for bytes that are no text: reading them as one would not give the same bytes back. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    // not UTF-8, which is the answer
    return undefined
  }
}

// a byte order mark is kept, because digests are of the bytes
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isTextual(mimeType: string): boolean {
  return (
    mimeType.startsWith('text/') || /^application\/(?:json|javascript|toml|xml|yaml)$|\+(?:json|xml)$/.test(mimeType)
  )
}

const mimeTypes: ReadonlyMap<string, string> = new Map([
  ['md', 'text/markdown'],
  ['markdown', 'text/markdown'],
  ['txt', 'text/plain'],
  ['csv', 'text/csv'],
  ['css', 'text/css'],
  ['htm', 'text/html'],
  ['html', 'text/html'],
  ['js', 'text/javascript'],
  ['mjs', 'text/javascript'],
  ['cjs', 'text/javascript'],
  ['ts', 'text/x-typescript'],
  ['py', 'text/x-python'],
  ['rb', 'text/x-ruby'],
  ['sh', 'text/x-shellscript'],
  ['sql', 'text/x-sql'],
  ['json', 'application/json'],
  ['toml', 'application/toml'],
  ['xml', 'application/xml'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
  ['svg', 'image/svg+xml'],
  ['gif', 'image/gif'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['ttf', 'font/ttf'],
  ['woff2', 'font/woff2'],
  ['gz', 'application/gzip'],
  ['pdf', 'application/pdf'],
  ['wasm', 'application/wasm'],
  ['zip', 'application/zip'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
])
