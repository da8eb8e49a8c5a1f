import { describe, expect, test } from 'bun:test'
import { type Change, createChanges, createWish, type Wish } from './changes.ts'
import { NOTHING, type Wanted } from './wanted.ts'

function make(): { changes: ReturnType<typeof createChanges>; dropped: unknown[][]; reports: string[] } {
  const dropped: unknown[][] = []
  const reports: string[] = []
  const cache = { drop: (...what: unknown[]) => void dropped.push(what), clear: () => void dropped.push(['all']) }
  return { changes: createChanges(cache, (message) => reports.push(message)), dropped, reports }
}

function listener(wanted: Partial<Wanted>): { wish: Wish; heard: Change[] } {
  const heard: Change[] = []
  return { wish: createWish(wanted, (change) => heard.push(change)), heard }
}

const updated = (uri: unknown) => ({ method: 'notifications/resources/updated', params: { uri } })

describe('an update of a resource', () => {
  test.each<[string, string, boolean]>([
    ['a://x/1', 'a://x/1', true],
    ['a://x/1', 'a://x/1/part', true],
    ['a://x/1', 'a://x/1?page=2', true],
    ['a://x/', 'a://x/1', true],
    ['a://x/1', 'a://x/10', false],
    ['a://x/1/part', 'a://x/1', false],
  ])('who wants %s and is told of %s: %p', (wanted, uri, isTold) => {
    const { changes, dropped } = make()
    const [one, same] = [listener({ uris: [wanted] }), listener({ uris: [uri] })]
    changes.keep(one.wish)
    changes.keep(same.wish)
    changes.hear(updated(uri))
    expect(one.heard.length > 0).toBe(isTold)
    expect(same.heard).toEqual([{ kind: 'resource', uri, missed: false }])
    // what is kept of the whole is stale with its part
    expect(dropped).toContainEqual(['resources/read', isTold ? wanted : uri])
  })

  test('under a name nobody asked for is told to all who want updates', () => {
    const { changes } = make()
    const [one, other] = [listener({ uris: ['a:1'] }), listener({ tools: true })]
    changes.keep(one.wish)
    changes.keep(other.wish)
    changes.hear(updated('file:///part'))
    expect([one.heard.length, other.heard.length]).toEqual([1, 0])
  })

  test('that does not say of which is reported', () => {
    const { changes, reports } = make()
    changes.hear(updated(7))
    expect(reports).toEqual([expect.stringContaining('uri must be a string')])
  })
})

test('wishes from before the conversation are passed on when it opens, and none when there are none', async () => {
  const asked: Wanted[] = []
  const listen = async (wanted: Wanted): Promise<Wanted> => {
    asked.push(wanted)
    return wanted
  }
  const idle = make().changes
  idle.open(listen)
  const { changes } = make()
  changes.keep(listener({ tools: true }).wish)
  changes.open(listen)
  expect(await changes.add(listener({ prompts: true }).wish)).toEqual({ ...NOTHING, prompts: true })
  expect(asked).toEqual([{ ...NOTHING, tools: true, prompts: true }])
})
