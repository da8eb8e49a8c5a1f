import { describe, expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { readAdf } from '../adf.ts'
import { ask, keysOf, type SearchBody } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

interface Page {
  total: number
}

describe('the site at the start', () => {
  test('is the same every time, but for its address', async () => {
    const everything = async () => {
      await using fake = await startFakeJira({ clock: createFakeClock(Date.UTC(2026, 0, 31)) })
      const body = { jql: 'created >= -365d', maxResults: 100, fields: ['*all'], expand: 'changelog' }
      const { body: found } = await ask<SearchBody>(fake, '3/search/jql', { body })
      return JSON.stringify(found).replaceAll(fake.url, '')
    }
    const first = await everything()
    expect(first.length).toBeGreaterThan(50_000)
    expect(await everything()).toBe(first)
  })

  test('has 40 issues in two projects, with documents that Jira would take', async () => {
    await using fake = await startFakeJira()
    const body = { jql: 'project in (DEMO, OPS)', maxResults: 100, fields: ['*all'] }
    const { body: found } = await ask<SearchBody>(fake, '3/search/jql', { body })
    expect(found.issues).toHaveLength(40)
    const documents = found.issues.flatMap(({ fields: { description, comment } }) => [
      ...(description === null ? [] : [description]),
      ...(isCommentPage(comment) ? comment.comments.map((each) => each.body) : []),
    ])
    expect(documents.length).toBeGreaterThan(20)
    expect(documents.filter((document) => readAdf(document) === undefined)).toEqual([])
  })

  test('lies wholly in the past, and its issues are updated after they are created', async () => {
    const nowMs = Date.UTC(2026, 0, 31)
    await using fake = await startFakeJira({ clock: createFakeClock(nowMs), seed: { issues: 200 } })
    expect(await keysOf(fake, 'project in (DEMO, OPS) AND updated > now()')).toEqual([])
    expect(await keysOf(fake, 'project in (DEMO, OPS) AND created < -60d')).toEqual([])
    const issues = await ask<SearchBody>(fake, '3/search/jql', {
      body: { jql: 'project = OPS', fields: ['created', 'updated'] },
    })
    for (const { fields } of issues.body.issues) {
      expect(String(fields.updated) >= String(fields.created)).toBe(true)
    }
  })

  test('is kept in a file and not filled twice', async () => {
    const file = join(tmpdir(), `fake-jira-${crypto.randomUUID()}.sqlite`)
    try {
      {
        await using fake = await startFakeJira({ file })
        const fields = { project: { key: 'OPS' }, issuetype: { name: 'Task' }, summary: 'outlives the process' }
        await ask(fake, '3/issue', { body: { fields } })
      }
      await using again = await startFakeJira({ file })
      expect(await keysOf(again, 'summary ~ outlives')).toEqual(['OPS-9'])
      const { body } = await ask<Page>(again, '2/search')
      expect(body.total).toBe(41)
    } finally {
      for (const suffix of ['', '-wal', '-shm'])
        await Bun.file(file + suffix)
          .delete()
          .catch(missing)
    }
  })
})

function isCommentPage(value: unknown): value is { comments: { body: unknown }[] } {
  return typeof value === 'object' && value !== null && 'comments' in value && Array.isArray(value.comments)
}

function missing(error: unknown): void {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  if (!isMissing) throw error
}
