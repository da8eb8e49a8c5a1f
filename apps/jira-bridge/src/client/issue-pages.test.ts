import { expect, test } from 'bun:test'
import { type SearchPage, walkPages } from './issue-pages.ts'

test('a server that leads in a circle of several pages is given up after one turn', async () => {
  let asked = 0
  const page: SearchPage['issues'] = []
  const issue = {
    key: 'DEMO-1',
    id: '1',
    url: '',
    summary: '',
    type: 'Task',
    status: { name: '', category: 'new' as const },
    labels: [],
  }
  const read = async (): Promise<SearchPage> => {
    return { issues: [issue], isLast: false, nextPageToken: 'ABC'.charAt(asked++ % 3) }
  }
  const walk = async () => {
    for await (const issues of walkPages(read, { limit: 500, pageSize: 100 })) page.push(...issues)
  }
  await expect(walk()).rejects.toThrow('leads in a circle: page token "A"')
  expect([asked, page.length]).toEqual([4, 4])
})
