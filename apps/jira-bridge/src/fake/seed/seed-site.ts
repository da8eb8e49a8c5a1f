import { DEFAULT_PRIORITY, ISSUE_TYPES, PRIORITIES, RESOLUTIONS, STATUSES } from '../catalog.ts'
import { insertComment } from '../comments.ts'
import { type IssueRow, insertIssue, issueById } from '../issues.ts'
import { componentsOf } from '../projects.ts'
import { takeStep } from '../routes/transitions.ts'
import type { Site } from '../site.ts'
import { stepsTo } from '../workflow.ts'
import { ROLES, type RoleName, type SeedAccount } from './accounts.ts'
import { DEMO_STORIES } from './demo-stories.ts'
import { write } from './documents.ts'
import { generatedStory } from './generated-stories.ts'
import { OPS_STORIES } from './ops-stories.ts'
import type { Story } from './story.ts'

const HOUR_MS = 3_600_000
const SPAN_MS = 60 * 24 * HOUR_MS
const BLOCKS_LINK = '10300'

/** Fills an empty site with accounts, the projects DEMO and OPS, and issues of the last 60 days; leaves others alone.
 *  @param issues how many DEMO gets, the written ones first; all of those without it */
export function seedSite(site: Site, { issues = DEMO_STORIES.length }: { issues?: number } = {}): void {
  const { db } = site
  if (db.query('SELECT 1 FROM accounts').get() !== null) return
  db.transaction(() => {
    for (const account of Object.values(ROLES)) insertAccount(site, account)
    const stories = Array.from({ length: issues }, (_, index) => DEMO_STORIES[index] ?? generatedStory(index + 1))
    fill(
      site,
      { id: 10_000, key: 'DEMO', name: 'Parcel shop', components: ['Web shop', 'Payments', 'Notifications'] },
      stories,
    )
    fill(site, { id: 10_001, key: 'OPS', name: 'Operations', components: [] }, OPS_STORIES)
  })()
}

function insertAccount({ db }: Site, account: SeedAccount): void {
  db.query('INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    account.accountId,
    account.name,
    account.displayName,
    account.email,
    account.apiToken,
    account.personalToken,
    account.type,
    account.isActive ? 1 : 0,
    account.canWrite ? 1 : 0,
    account.projectKeys?.join(',') ?? null,
  )
}

interface SeedProject {
  id: number
  key: string
  name: string
  components: readonly string[]
}

function fill(site: Site, { id, key, name, components }: SeedProject, stories: readonly Story[]): void {
  site.db
    .query('INSERT INTO projects (id, key, name, description, lead, last_number) VALUES (?, ?, ?, ?, ?, 0)')
    .run(id, key, name, `What is planned and done in ${name}.`, ROLES['product-owner'].accountId)
  for (const component of components) {
    site.db.query('INSERT INTO components (project_id, name) VALUES (?, ?)').run(id, component)
  }
  const ids: number[] = []
  const startMs = site.nowMs() - SPAN_MS
  const gapMs = Math.floor(SPAN_MS / (stories.length + 1))
  for (const [index, story] of stories.entries()) {
    ids.push(tell(site, story, { projectId: id, ids, atMs: startMs + index * gapMs, gapMs }).id)
  }
}

interface Telling {
  projectId: number
  /** Ids of the issues before it, by number. */
  ids: readonly number[]
  atMs: number
  /** Everything that happens to an issue does so within this time. */
  gapMs: number
}

function tell(site: Site, story: Story, { projectId, ids, atMs, gapMs }: Telling): IssueRow {
  const known = componentsOf(site, projectId)
  const issue = insertIssue(
    site,
    {
      projectId,
      creator: accountId(story.reporter ?? 'product-owner'),
      values: {
        summary: story.summary,
        description: story.description === undefined ? null : JSON.stringify(write(story.description)),
        type_id: idOf(ISSUE_TYPES, story.type),
        priority_id: story.priority === undefined ? DEFAULT_PRIORITY : idOf(PRIORITIES, story.priority),
        assignee: story.assignee === undefined ? null : accountId(story.assignee),
        reporter: accountId(story.reporter ?? 'product-owner'),
        parent_id: story.parent === undefined ? null : (ids[story.parent - 1] ?? null),
        labels: JSON.stringify(story.labels ?? []),
        components: JSON.stringify((story.components ?? []).map((name) => idOf(known, name))),
        due: null,
        points: story.points ?? null,
      },
    },
    atMs,
  )
  live(site, issue, story, { ids, atMs, stepMs: Math.floor(gapMs / 8) })
  return issue
}

function live(
  site: Site,
  issue: IssueRow,
  story: Story,
  { ids, atMs, stepMs }: { ids: readonly number[]; atMs: number; stepMs: number },
): void {
  const author = accountId(story.assignee ?? 'developer')
  let nowMs = atMs
  const done = RESOLUTIONS[0]
  for (const step of story.status === undefined ? [] : stepsTo(idOf(STATUSES, story.status))) {
    nowMs += stepMs
    const current = issueById(site, issue.id) ?? issue
    takeStep(site, current, { step, author, ...(step.needsResolution && done && { resolution: done }) }, nowMs)
  }
  for (const [by, ...lines] of story.comments ?? []) {
    nowMs += stepMs
    insertComment(site, { issueId: issue.id, author: accountId(by), body: write(lines) }, nowMs)
  }
  if (story.hours !== undefined) {
    site.db
      .query('INSERT INTO worklogs (issue_id, author, body, seconds, started, created) VALUES (?, ?, NULL, ?, ?, ?)')
      .run(issue.id, author, story.hours * 3_600, nowMs, nowMs)
  }
  const blocked = story.blocks === undefined ? undefined : ids[story.blocks - 1]
  if (blocked !== undefined) {
    site.db
      .query('INSERT INTO links (type_id, inward_id, outward_id) VALUES (?, ?, ?)')
      .run(BLOCKS_LINK, issue.id, blocked)
  }
}

function accountId(role: RoleName): string {
  return ROLES[role].accountId
}

function idOf(entries: readonly { id: string; name: string }[], name: string): string {
  const entry = entries.find((each) => each.name === name)
  if (entry === undefined) throw new Error(`'${name}' is not in the catalogue`)
  return entry.id
}
