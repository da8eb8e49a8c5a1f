import type { CallContext, Tool } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import type { IssueType, Project } from '../../shapes.ts'
import { jiraTool, READS } from './jira-tool.ts'

const MAX_PAGE = 100
/** Lists of fields that are read at once. */
const AT_ONCE = 4

export function projectTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_list_projects', {
      title: 'List projects',
      description: 'The projects this account can see, or those whose key or name holds `query`.',
      annotations: READS,
      async run({ query, limit }, call) {
        const projects: Project[] = []
        let total = 0
        do {
          const left = Math.min(limit - projects.length, MAX_PAGE)
          const page = await jira.projects({ query, startAt: projects.length, limit: left }, call)
          projects.push(...page.projects)
          total = page.total
          call.progress(projects.length, Math.min(limit, total), `${projects.length} projects`)
          if (page.projects.length === 0) break
        } while (projects.length < Math.min(limit, total))
        return { projects, total }
      },
    }),
    jiraTool('jira_list_issue_types', {
      title: 'List issue types',
      description:
        'The types of issue a project has; with `withFields` also what an issue of each type can and must have.',
      annotations: READS,
      async run({ project, withFields }, call) {
        const types = await jira.issueTypes(project, call)
        return { project, types: withFields ? await typesWithFields(jira, { project, types }, call) : types }
      },
    }),
  ]
}

async function typesWithFields(
  jira: JiraPort,
  { project, types }: { project: string; types: readonly IssueType[] },
  call: CallContext,
): Promise<IssueType[]> {
  const full: IssueType[] = []
  for (let at = 0; at < types.length; at += AT_ONCE) {
    const read = types.slice(at, at + AT_ONCE).map(async (type) => ({
      ...type,
      fields: await jira.fields({ project, typeId: type.id }, call),
    }))
    full.push(...(await Promise.all(read)))
    call.progress(full.length, types.length, `fields of ${full.length} types`)
  }
  return full
}
