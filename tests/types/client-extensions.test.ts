import { expect, test } from 'bun:test'
import { type Client, type ClientExtension, type ClientMiddleware, forMethod, type ToolResult } from '@bao-mcp/client'
import { listSkills, readSkill, type SkillEntry, SkillError } from '@bao-mcp/client/skills'
import { startTask, TaskError, type TaskState, tasks } from '@bao-mcp/client/tasks'

/** Whether two types are the same, as a type: `true` only then. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless given `true`; at runtime only counts. */
function holds<_Claim extends true>(): undefined {
  return undefined
}

/** Never called: only its types count. */
async function uses(client: Client): Promise<void> {
  const task = await startTask(client, 'it')
  holds<Same<typeof task.id, string | undefined>>()
  const result = await task.result()
  holds<Same<typeof result, ToolResult>>()
  for await (const state of task) {
    holds<Same<typeof state, TaskState>>()
    // @ts-expect-error: a task that is at work has no result
    if (state.status === 'working') state.result
    if (state.status === 'failed') holds<Same<typeof state.error.code, number>>()
  }
  const [entry] = await listSkills(client)
  holds<Same<typeof entry, SkillEntry | undefined>>()
  const { text } = await (await readSkill(client, 'skill://a/SKILL.md')).read('a.md')
  holds<Same<typeof text, string | undefined>>()
}

test('a middleware for a method has its params and its result', () => {
  const middleware: ClientMiddleware = forMethod('tools/call', async (request, next) => {
    holds<Same<typeof request.params.name, string>>()
    const result = await next(request)
    holds<Same<typeof result.isError, boolean | undefined>>()
    return { ...result, content: [] }
  })
  // @ts-expect-error: there is no such method
  forMethod('tools/cal', (request, next) => next(request))
  // @ts-expect-error: it has no result of a call
  forMethod('tools/call', () => ({ tools: [] }))
  expect(middleware).toBeFunction()
})

test('handles, states, entries and files have their types', () => {
  const extension: ClientExtension = tasks()
  expect(extension.id).toBe('io.modelcontextprotocol/tasks')
  expect(uses).toBeFunction()
})

test('codes of errors are closed sets', () => {
  type TaskCode = TaskError['code']
  holds<Same<TaskCode, 'cancelled' | 'gone' | 'lost'>>()
  expect(new TaskError('gone', 't', 'no more').message).toBe('task t: no more')
  expect(new SkillError('digest', 'a:b', 'no')).toMatchObject({ code: 'digest', uri: 'a:b', message: 'a:b: no' })
})
