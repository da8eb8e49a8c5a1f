import type { Issue, IssueSummary, User } from '../shapes.ts'

/** An issue for reading: its facts, its description and its comments as one Markdown text. */
export function issueText(issue: Issue): string {
  const { comments } = issue
  const facts = [
    `# ${issue.key}: ${issue.summary}`,
    [
      `- Type: ${issue.type}`,
      `- Status: ${issue.status.name}`,
      ...(issue.priority === undefined ? [] : [`- Priority: ${issue.priority}`]),
      `- Assignee: ${nameOf(issue.assignee)}`,
      `- Reporter: ${nameOf(issue.reporter)}`,
      ...(issue.parent === undefined ? [] : [`- Parent: ${issue.parent}`]),
      ...(issue.labels.length === 0 ? [] : [`- Labels: ${issue.labels.join(', ')}`]),
      ...(issue.components.length === 0 ? [] : [`- Components: ${issue.components.join(', ')}`]),
      `- Updated: ${issue.updated ?? 'unknown'}`,
      `- Page: ${issue.url}`,
    ].join('\n'),
    `## Description\n\n${issue.description ?? 'None.'}`,
  ]
  if (comments.total === 0) return facts.join('\n\n')
  const shown = comments.latest.map(({ author, created, body }) => `### ${nameOf(author)}, ${created}\n\n${body}`)
  return [...facts, `## Comments (${comments.latest.length} newest of ${comments.total})`, ...shown].join('\n\n')
}

/** One issue on one line. */
export function issueLine({ key, summary, status, assignee, updated }: IssueSummary): string {
  return `- ${key} [${status.name}] ${summary} (${nameOf(assignee)}, updated ${updated ?? 'unknown'})`
}

function nameOf(user: User | undefined): string {
  return user?.name ?? 'nobody'
}
