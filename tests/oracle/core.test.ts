import { describe, expect, test } from 'bun:test'
import * as core from '@modelcontextprotocol/core'
import { z } from 'zod'
import { type CoreDisagreement, coreDisagreements } from './core-disagreements.ts'
import { donorsFor } from './donors.ts'
import { asJson, type Mutation, mutate, sweep } from './mutate.ts'
import { shapeNamed } from './ours.ts'
import { named } from './samples/named.ts'
import type { Sample } from './samples/sample.ts'

const theirs: Readonly<Record<string, unknown>> = core

/** Where the official package calls a schema differently, and what it has no schema for. */
const renamed: Readonly<Record<string, string>> = {
  CreateMessageResult: 'CreateMessageResultWithToolsSchema',
  JsonRpcMessage: 'JSONRPCMessageSchema',
}
const without = ['InputRequiredResult', 'RequestParams', 'TaskRequestParams']

interface Difference {
  shape: string
  path: string
  value: unknown
  accepted: 'ours' | 'theirs'
}

interface Comparison {
  compared: number
  found: Difference[]
  /** Accepted values of which a member went missing. */
  lost: string[]
}

function pairOf(sample: Sample): { ours: z.ZodType; their: z.ZodType } {
  const ours = shapeNamed(sample.name)
  const their = theirs[renamed[sample.name] ?? `${sample.name}Schema`]
  if (!ours || !(their instanceof z.ZodType)) throw new Error(`no pair of schemas named ${sample.name}`)
  return { ours, their }
}

function pathOf(mutation: Mutation): string {
  const path = mutation.kind === 'add' ? [...mutation.path, mutation.key] : mutation.path
  return path.map((key) => (typeof key === 'number' ? '*' : key)).join('.')
}

/** Every change of every sample, and the sample itself, on which the two verdicts differ. */
function differences(): Comparison {
  const outcome: Comparison = { compared: 0, found: [], lost: [] }
  for (const sample of named.filter(({ name }) => !without.includes(name))) {
    const { ours, their } = pairOf(sample)
    const same: Mutation = { kind: 'replace', path: [], value: sample.value }
    for (const mutation of [same, ...sweep(sample, donorsFor)]) {
      const value = asJson(mutate(sample.value, mutation))
      const parsed = ours.safeParse(value)
      outcome.compared += 1
      if (parsed.success && !Bun.deepEquals(parsed.data, value, true)) outcome.lost.push(JSON.stringify(value))
      if (parsed.success === their.safeParse(value).success) continue
      const accepted = parsed.success ? 'ours' : 'theirs'
      outcome.found.push({ shape: sample.name, path: pathOf(mutation), value, accepted })
    }
  }
  return outcome
}

function explains(one: CoreDisagreement, { shape, path, value, accepted }: Difference): boolean {
  return one.accepted === accepted && one.shapes.test(shape) && one.path.test(path) && (one.when?.(value) ?? true)
}

describe('the neutral shapes and the schemas of the official package', () => {
  const { compared, found, lost } = differences()

  test('no accepted value loses a member in ours', () => {
    expect(compared).toBeGreaterThan(10_000)
    expect(lost).toEqual([])
  })

  test('the verdicts differ only where a disagreement is listed', () => {
    const surprising = found.filter((difference) => !coreDisagreements.some((one) => explains(one, difference)))
    expect(surprising.slice(0, 10)).toEqual([])
  })

  test('every listed disagreement still occurs', () => {
    const stale = coreDisagreements.filter((one) => !found.some((difference) => explains(one, difference)))
    expect(stale.map(({ id }) => id)).toEqual([])
  })
})
