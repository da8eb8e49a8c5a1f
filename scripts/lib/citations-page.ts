import type { Requirement } from '../../tests/requirements.ts'
import type { Citation, Citations } from './citations.ts'

/** Parts of the rule book, by the first rule of each. */
const sections: readonly (readonly [from: number, title: string])[] = [
  [1, 'Messages, ids, errors'],
  [24, 'Standard input and output'],
  [46, 'Legacy lifecycle'],
  [65, 'Legacy Streamable HTTP'],
  [89, 'Modern metadata and discovery'],
  [107, 'Modern HTTP'],
  [149, 'Caching and lists'],
  [167, 'Subscriptions'],
  [177, 'Input rounds'],
  [194, 'Tools'],
  [215, 'Resources, prompts, completion, logging, roots'],
  [233, 'Sampling and elicitation'],
  [257, 'Authorization'],
  [292, 'Tasks and other extensions'],
  [315, 'Hosts, icons, handles'],
]

const marks: Readonly<Record<Requirement['status'], string>> = {
  implemented: 'kept',
  'cannot apply': 'cannot apply',
  'not kept': '**not kept**',
  later: '**open**',
}

/**
 * The page that says of every rule which tests prove it, or why none does.
 *
 * @param requirements all of them by id, in the order of their rules
 */
export function coveragePage(requirements: Readonly<Record<string, Requirement>>, citations: Citations): string {
  const all = Object.entries(requirements)
  const parts = sections.map(([from, title], index) => {
    const until = sections[index + 1]?.[0] ?? Number.POSITIVE_INFINITY
    const rows = all.filter(([, { rule }]) => rule >= from && rule < until)
    return [`## ${title}`, '', ...rows.flatMap(([id, rule]) => entry(id, rule, citations.get(id) ?? [])), ''].join('\n')
  })
  return [head(all.map(([, rule]) => rule)), ...parts].join('\n').trimEnd().concat('\n')
}

function head(all: readonly Requirement[]): string {
  const count = (level: Requirement['level'], status: Requirement['status']): number =>
    all.filter((rule) => rule.level === level && rule.status === status).length
  const statuses = ['implemented', 'cannot apply', 'not kept', 'later'] as const
  const row = (level: Requirement['level']): string =>
    `| ${[level, ...statuses.map((status) => count(level, status)), all.filter((rule) => rule.level === level).length].join(' | ')} |`
  return `# What of the specification is kept

Written by \`bun scripts/requirements.ts --page\`; a test fails when it is stale. Each rule is in our words. Revisions: \`24\` is
2024-11-05, \`0326\`, \`0618\` and \`1125\` are those of 2025, \`26\` is 2026-07-28, \`+\` means "and later", \`L\` all with a handshake,
\`26x\` the tasks extension, \`ui\` apps. Who has to keep it: \`C\` client, \`S\` server, \`B\` both, \`H\` the host application around a
client, \`I\` an HTTP intermediary.

A rule is **kept** when a test cites it, and a sample of them is broken on purpose by \`bun scripts/mutations.ts\` to see those tests fail.
It **cannot apply** when nothing in these packages could keep or break it.

| | kept | cannot apply | not kept | open | all |
| --- | ---: | ---: | ---: | ---: | ---: |
${row('MUST')}
${row('SHOULD')}
`
}

function entry(id: string, rule: Requirement, citations: readonly Citation[]): string[] {
  const reason = rule.reason === '' ? '' : `: ${rule.reason}`
  return [
    `- **${id}** ${rule.level} \`${rule.revisions}\` \`${rule.role}\`: ${rule.text}. *${marks[rule.status]}*${reason}`,
    ...byFile(citations).map(([path, names]) => `  - \`${path}\`: ${names.map(escaped).join(' · ')}`),
  ]
}

function byFile(citations: readonly Citation[]): [path: string, names: string[]][] {
  const files = new Map<string, Set<string>>()
  for (const { path, name } of citations) {
    const names = files.get(path) ?? new Set()
    files.set(path, names.add(name))
  }
  return [...files].map(([path, names]) => [path, [...names]])
}

/** A name may hold what Markdown or HTML would read. */
function escaped(name: string): string {
  return name.replace(/[\\`*_<>[\]|&]/g, (character) => `\\${character}`)
}
