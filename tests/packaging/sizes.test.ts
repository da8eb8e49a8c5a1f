import { beforeAll, describe, expect, test } from 'bun:test'
import { type PackedSet, published } from '../../scripts/lib/pack.ts'
import budgets from './budgets.json' with { type: 'json' }
import { doorSizes } from './door-sizes.ts'
import { packageOf, packedOnce } from './packed.ts'

let set: PackedSet
beforeAll(async () => {
  set = await packedOnce()
}, 180_000)

const limits: Readonly<Record<string, { bytes: number; limit: number }>> = budgets.doors

describe.each([...published])('the doors of %s', (name) => {
  test('each have a limit in budgets.json, and keep it', async () => {
    const sizes = await doorSizes(packageOf(set, name))
    const over = Object.entries(sizes).flatMap(([door, bytes]) => {
      const limit = limits[door]?.limit
      if (limit === undefined) return [`${door} has ${bytes} bytes and no limit`]
      return bytes > limit ? [`${door} has ${bytes} bytes, its limit is ${limit}`] : []
    })
    expect(over).toEqual([])
  }, 60_000)

  test('are all that budgets.json limits', async () => {
    const { manifest } = packageOf(set, name)
    const limited = Object.keys(limits).filter((door) => door === manifest.name || door.startsWith(`${manifest.name}/`))
    const gone = limited.filter((door) => !(`.${door.slice(manifest.name.length)}` in manifest.exports))
    expect(gone).toEqual([])
  })
})

test('a limit leaves at most a fifth of room above what was measured when it was set', () => {
  const loose = Object.entries(limits).filter(([, { bytes, limit }]) => limit < bytes || limit > bytes * 1.2)
  expect(loose).toEqual([])
})
