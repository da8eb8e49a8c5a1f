import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { coreDisagreements } from './core-disagreements.ts'
import { disagreements, MEMBERS_OF_OTHER_REVISIONS } from './disagreements.ts'

test('the decision record explains exactly the disagreements the tests know', async () => {
  const file = join(import.meta.dir, '../../docs/decisions/0002-schema-disagreements.md')
  const told = [...(await Bun.file(file).text()).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id ?? '')
  const known = [...disagreements, MEMBERS_OF_OTHER_REVISIONS, ...coreDisagreements].map(({ id }) => id)
  expect(told.sort()).toEqual(known.sort())
})
