import { describe, expect, test } from 'bun:test'
import { catalogues, DetailedTask, tasksExtension } from './index.ts'

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
}
const task = { taskId: 't', status: 'working', createdAt: '2026-07-28T10:00:00Z', lastUpdatedAt: '', ttlMs: null }
const question = { method: 'elicitation/create', params: { mode: 'url', message: 'Sign in', url: 'https://a.example' } }

function accepts(method: string, part: 'params' | 'result', value: unknown): boolean {
  const parsed = tasksExtension.requests[method]?.[part].safeParse(value)
  if (parsed?.success) expect(parsed.data).toStrictEqual(value)
  return parsed?.success ?? false
}

describe('the tasks extension', () => {
  test('lets a tool call answer with a task whose members lie flat', () => {
    expect(accepts('tools/call', 'result', { resultType: 'task', ...task, pollIntervalMs: 100, x: 1 })).toBe(true)
    expect(accepts('tools/call', 'result', { resultType: 'complete', content: [] })).toBe(true)
    expect(accepts('tools/call', 'result', { resultType: 'task', task })).toBe(false)
    expect(accepts('tools/call', 'result', { resultType: 'task', ...task, ttlMs: undefined })).toBe(false)
  })

  test('is no part of the core revision, which knows neither its result nor its methods', () => {
    const core = catalogues['2026-07-28'].requests
    expect(core['tools/call']?.result.safeParse({ resultType: 'task', ...task }).success).toBe(false)
    expect(core['tasks/get']).toBeUndefined()
  })

  test('demands of a task what its status brings', () => {
    expect(DetailedTask.safeParse(task).success).toBe(true)
    expect(DetailedTask.safeParse({ ...task, status: 'input_required' }).success).toBe(false)
    expect(DetailedTask.safeParse({ ...task, status: 'input_required', inputRequests: { q: question } }).success).toBe(
      true,
    )
    expect(DetailedTask.safeParse({ ...task, status: 'completed' }).success).toBe(false)
    expect(DetailedTask.safeParse({ ...task, status: 'completed', result: { content: [] } }).success).toBe(true)
    expect(DetailedTask.safeParse({ ...task, status: 'failed', error: { code: 1.5, message: '' } }).success).toBe(false)
    expect(DetailedTask.safeParse({ ...task, status: 'failed', error: { code: 1, message: '' } }).success).toBe(true)
  })

  test('answers tasks/get with a complete result and keeps unknown members', () => {
    const value = {
      resultType: 'complete',
      ...task,
      status: 'completed',
      result: { a: [1] },
      x: { y: 1 },
      _meta: { z: 1 },
    }
    expect(accepts('tasks/get', 'result', value)).toBe(true)
    expect(accepts('tasks/get', 'result', { ...value, resultType: 'task' })).toBe(false)
  })

  test('takes partial answers in tasks/update and asks for the metadata of every request', () => {
    const inputResponses = { q: { action: 'accept' } }
    expect(accepts('tasks/update', 'params', { taskId: 't', inputResponses, _meta: meta })).toBe(true)
    expect(accepts('tasks/update', 'params', { taskId: 't', _meta: meta })).toBe(false)
    expect(accepts('tasks/cancel', 'params', { taskId: 't', _meta: meta })).toBe(true)
    expect(accepts('tasks/cancel', 'params', { taskId: 't' })).toBe(false)
    expect(accepts('tasks/cancel', 'result', { resultType: 'complete' })).toBe(true)
  })

  test('adds task ids to the listen filter and their notices to the stream', () => {
    const notifications = { taskIds: ['t'], toolsListChanged: true }
    expect(accepts('subscriptions/listen', 'params', { notifications, _meta: meta })).toBe(true)
    expect(accepts('subscriptions/listen', 'params', { notifications: { taskIds: 't' }, _meta: meta })).toBe(false)
    const notice = tasksExtension.notifications['notifications/tasks']?.params
    const params = { ...task, _meta: { 'io.modelcontextprotocol/subscriptionId': 4 } }
    expect(notice?.parse(params)).toStrictEqual(params)
  })
})
