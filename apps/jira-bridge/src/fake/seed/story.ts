import type { RoleName } from './accounts.ts'

/** An issue that a site begins with; a list of lines is shorthand for a document. */
export interface Story {
  type: 'Epic' | 'Story' | 'Task' | 'Bug' | 'Subtask'
  summary: string
  /** How far the workflow has come. */
  status?: 'In Progress' | 'In Review' | 'Done'
  priority?: 'Highest' | 'High' | 'Low' | 'Lowest'
  assignee?: RoleName
  reporter?: RoleName
  labels?: readonly string[]
  components?: readonly string[]
  /** Number of an issue before it, in the same project. */
  parent?: number
  points?: number
  description?: readonly string[]
  comments?: readonly (readonly [RoleName, ...string[]])[]
  /** Hours that the assignee logged. */
  hours?: number
  /** Number of an issue before it that it blocks. */
  blocks?: number
}
