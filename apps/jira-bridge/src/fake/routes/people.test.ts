import { afterAll, expect, test } from 'bun:test'
import { ask } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

const fake = await startFakeJira()
afterAll(() => fake.close())

test('people are found by the start of a name or an e-mail, and those who can be assigned by project', async () => {
  const names = async (path: string) =>
    (await ask<{ displayName: string }[]>(fake, path)).body.map(({ displayName }) => displayName)
  expect(await names('3/user/search?query=support')).toEqual(['Support agent', 'Support lead'])
  expect(await names('3/user/search?query=engineer')).toEqual(['On-call engineer'])
  expect(await names('3/user/search?query=former')).toEqual([])
  expect(await names('3/user/assignable/search?issueKey=OPS-1&query=')).not.toContain('Support agent')
  expect(await names('3/user/assignable/search?project=DEMO&query=sup')).toEqual(['Support agent', 'Support lead'])
  expect((await ask(fake, '3/user/search')).status).toBe(400)
  expect((await ask(fake, '3/user/assignable/search')).status).toBe(400)
})
