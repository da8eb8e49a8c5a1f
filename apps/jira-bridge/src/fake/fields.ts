/** One field of an issue, as Jira describes it. */
export interface FieldEntry {
  id: string
  name: string
  schema: { type: string; items?: string; system?: string; custom?: string; customId?: number }
  clauseNames: readonly string[]
  /** Whether an issue can be created or edited with it. */
  isSettable: boolean
}

export const STORY_POINTS = 'customfield_10016'

/** Every field an issue has, in the order in which it shows them. */
export const FIELDS: readonly FieldEntry[] = [
  system('summary', 'Summary', 'string', { isSettable: true, clauseNames: ['summary'] }),
  system('issuetype', 'Issue Type', 'issuetype', { isSettable: true, clauseNames: ['issuetype', 'type'] }),
  system('project', 'Project', 'project', { isSettable: true, clauseNames: ['project'] }),
  system('parent', 'Parent', 'issuelink', { isSettable: true, clauseNames: ['parent'] }),
  system('status', 'Status', 'status', { clauseNames: ['status'] }),
  system('resolution', 'Resolution', 'resolution', { clauseNames: ['resolution'] }),
  system('resolutiondate', 'Resolved', 'datetime'),
  system('priority', 'Priority', 'priority', { isSettable: true, clauseNames: ['priority'] }),
  system('assignee', 'Assignee', 'user', { isSettable: true, clauseNames: ['assignee'] }),
  system('reporter', 'Reporter', 'user', { isSettable: true, clauseNames: ['reporter'] }),
  system('creator', 'Creator', 'user'),
  system('labels', 'Labels', 'array', { items: 'string', isSettable: true, clauseNames: ['labels'] }),
  system('components', 'Components', 'array', { items: 'component', isSettable: true, clauseNames: ['component'] }),
  system('created', 'Created', 'datetime', { clauseNames: ['created', 'createdDate'] }),
  system('updated', 'Updated', 'datetime', { clauseNames: ['updated', 'updatedDate'] }),
  system('duedate', 'Due date', 'date', { isSettable: true, clauseNames: ['due', 'duedate'] }),
  system('description', 'Description', 'string', { isSettable: true, clauseNames: ['description'] }),
  system('subtasks', 'Sub-tasks', 'array', { items: 'issuelinks' }),
  system('issuelinks', 'Linked Issues', 'array', { items: 'issuelinks' }),
  system('timespent', 'Time Spent', 'number'),
  {
    id: STORY_POINTS,
    name: 'Story point estimate',
    schema: {
      type: 'number',
      custom: 'com.pyxis.greenhopper.jira:jsw-story-points',
      customId: Number(STORY_POINTS.replace('customfield_', '')),
    },
    clauseNames: ['cf[10016]', 'Story point estimate'],
    isSettable: true,
  },
  system('comment', 'Comment', 'comments-page', { clauseNames: ['comment'] }),
  system('worklog', 'Log Work', 'array', { items: 'worklog' }),
]

/** The fields a search shows as `*navigable`: all but the pages inside an issue. */
export const NAVIGABLE: readonly string[] = FIELDS.map(({ id }) => id).filter(
  (id) => id !== 'comment' && id !== 'worklog',
)

function system(
  id: string,
  name: string,
  type: string,
  {
    items,
    clauseNames = [],
    isSettable = false,
  }: { items?: string; clauseNames?: readonly string[]; isSettable?: boolean } = {},
): FieldEntry {
  return { id, name, schema: { type, ...(items !== undefined && { items }), system: id }, clauseNames, isSettable }
}
