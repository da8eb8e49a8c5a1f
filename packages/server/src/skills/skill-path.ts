/** The file that makes a folder a skill. */
export const SKILL_FILE = 'SKILL.md'

/** Slashes divide a path; a segment is a name that means the same on every system. */
export type Segments = readonly string[]

/**
 * The segments of a path from a skill's definition.
 * @throws {TypeError} naming the path and the rule it breaks
 */
export function splitPath(path: string, what: string): Segments {
  return checkedSegments(path.split('/'), what)
}

/** @throws {TypeError} naming the segment and the rule it breaks */
export function checkedSegments(segments: Segments, what: string): Segments {
  for (const segment of segments) {
    const rule = brokenRule(segment)
    if (rule !== undefined) {
      throw new TypeError(`${what}: the path ${JSON.stringify(segments.join('/'))} is refused: ${rule}`)
    }
  }
  return segments
}

/** The URI of what lies at a path in the namespace of skills; no slash at its end. */
export function skillUri(segments: Segments): string {
  return `skill://${segments.map(encodeURIComponent).join('/')}`
}

function brokenRule(segment: string): string | undefined {
  if (segment === '') return 'a segment is empty'
  if (segment === '.' || segment === '..') return 'it must not lead elsewhere'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\\/]/.test(segment)) return 'a segment holds a slash, a backslash or a control character'
  if (!segment.isWellFormed()) return 'a segment is no well-formed Unicode'
  return undefined
}
