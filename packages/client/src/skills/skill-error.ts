/** Closed set of codes of {@link SkillError}. */
export type SkillErrorCode =
  | 'unsupported' // the server does not declare what was asked for
  | 'invalid_entry' // the entry breaks a rule of the extension
  | 'unverifiable' // the entry offers no digests, or too much of them
  | 'unlisted' // the entry names no such file
  | 'unreadable' // what was read is no such file
  | 'size' // the file has another length than the entry says
  | 'digest' // the file has other content than the entry says
  | 'frontmatter' // SKILL.md says something else of itself than the entry says

/** A skill, or a file of one, may not be used. */
export class SkillError extends Error {
  override readonly name = 'SkillError'
  readonly code: SkillErrorCode
  /** The skill or the file; undefined when it is about the server. */
  readonly uri: string | undefined
  /** What is wrong, place by place; empty when the message says all. */
  readonly issues: readonly string[]

  constructor(
    code: SkillErrorCode,
    uri: string | undefined,
    message: string,
    evidence: { issues?: readonly string[]; cause?: unknown } = {},
  ) {
    super(
      uri === undefined ? message : `${uri}: ${message}`,
      'cause' in evidence ? { cause: evidence.cause } : undefined,
    )
    this.code = code
    this.uri = uri
    this.issues = evidence.issues ?? []
  }
}
