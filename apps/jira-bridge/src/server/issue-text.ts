import type { Issue, IssueSummary, User } from '../shapes.ts'

/**
 * An issue for reading: its facts, its description and its comments as one Markdown text. What people wrote is quoted, so that
 * none of it can pass for a comment or a fact.
 */
export function issueText(issue: Issue): string {
  const { comments } = issue
  const facts = [
    `# ${issue.key}: ${oneLine(issue.summary)}`,
    [
      `- Type: ${oneLine(issue.type)}`,
      `- Status: ${oneLine(issue.status.name)}`,
      ...(issue.priority === undefined ? [] : [`- Priority: ${oneLine(issue.priority)}`]),
      `- Assignee: ${nameOf(issue.assignee)}`,
      `- Reporter: ${nameOf(issue.reporter)}`,
      ...(issue.parent === undefined ? [] : [`- Parent: ${issue.parent}`]),
      ...(issue.labels.length === 0 ? [] : [`- Labels: ${oneLine(issue.labels.join(', '))}`]),
      ...(issue.components.length === 0 ? [] : [`- Components: ${oneLine(issue.components.join(', '))}`]),
      `- Updated: ${issue.updated ?? 'unknown'}`,
      `- Page: ${issue.url}`,
    ].join('\n'),
    `## Description\n\n${issue.description === undefined ? 'None.' : quote(issue.description)}`,
  ]
  if (comments.total === 0) return facts.join('\n\n')
  const shown = comments.latest.map(
    ({ author, created, body }) => `### ${nameOf(author)}, ${created}\n\n${quote(body)}`,
  )
  return [...facts, `## Comments (${comments.latest.length} newest of ${comments.total})`, ...shown].join('\n\n')
}

/** One issue on one line. */
export function issueLine({ key, summary, status, assignee, updated }: IssueSummary): string {
  return `- ${key} [${oneLine(status.name)}] ${oneLine(summary)} (${nameOf(assignee)}, updated ${updated ?? 'unknown'})`
}

function nameOf(user: User | undefined): string {
  return user === undefined ? 'nobody' : oneLine(user.name)
}

function quote(text: string): string {
  return text
    .split(/\r\n|[\r\n]/)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** A text that ends nothing it stands in, and loads nothing. */
function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replaceAll('![', '!\\[').replaceAll('<', '\\<')
}
