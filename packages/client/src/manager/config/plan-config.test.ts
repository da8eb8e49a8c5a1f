import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseConfig } from './parse-config.ts'
import { fingerprint, planConfig } from './plan-config.ts'
import type { ServerEntry } from './server-entry.ts'

const servers: fc.Arbitrary<readonly ServerEntry[]> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.record({ command: fc.constantFrom('x', 'y') }))
  .map((mcpServers) => parseConfig(JSON.stringify({ mcpServers })).servers)

const running = (entries: readonly ServerEntry[]): Map<string, string> =>
  new Map(entries.map((entry) => [entry.name, fingerprint(entry)]))

test('a plan leads from what runs to what is wanted, touches nothing else, and a second one is empty', () => {
  fc.assert(
    fc.property(servers, servers, (before, wanted) => {
      const had = running(before)
      const plan = planConfig(had, wanted)
      const after = new Map(had)
      for (const name of plan.remove) after.delete(name)
      for (const entry of [...plan.add, ...plan.change]) after.set(entry.name, fingerprint(entry))
      expect(after).toEqual(running(wanted))
      for (const { name } of plan.change) expect(had.get(name)).not.toBe(after.get(name))
      const touched = [...plan.add, ...plan.change].map(({ name }) => name).concat(plan.remove, plan.keep)
      expect(touched.sort()).toEqual([...new Set([...had.keys(), ...after.keys()])].sort())
      const again = planConfig(after, wanted)
      expect([again.add, again.change, again.remove]).toEqual([[], [], []])
    }),
  )
})

test('a server is the same wherever it stands in its file and whatever else is written beside it', () => {
  const one = (text: string, path = 'c.json'): string => {
    const [entry] = parseConfig(text, { path }).servers
    if (entry === undefined) throw new Error('no entry')
    return fingerprint(entry)
  }
  const first = one('{"mcpServers":{"a":{"command":"x","env":{"A":"1","B":"2"}}}}')
  expect(one('{\n\n"mcpServers":{"b":{"note":1,"env":{"B":"2","A":"1"},"command":"x"}}}')).toBe(first)
  expect(one('{"mcpServers":{"a":{"command":"x","env":{"A":"1","B":"3"}}}}')).not.toBe(first)
  expect(one('{"mcpServers":{"a":{"command":"x","env":{"A":"1","B":"2"}}}}', 'd.json')).not.toBe(first)
})
