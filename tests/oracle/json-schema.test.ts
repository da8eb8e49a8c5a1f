import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { z } from 'zod'
import type { RevisionDate } from '../../packages/protocol/src/shapes/index.ts'
import { type Disagreement, disagreements, MEMBERS_OF_OTHER_REVISIONS } from './disagreements.ts'
import { donorsFor } from './donors.ts'
import { arbitraryCase, asJson, type Case, mutate, sweep, valueAt } from './mutate.ts'
import { createOracle, folder, type Official, readOfficial, unlessMissing } from './official.ts'
import { ourSchema } from './ours.ts'
import { revisions, samplesOf } from './revisions.ts'

const SEED = 20260728
type Oracle = ReturnType<typeof createOracle>

interface Bench {
  raw: Oracle
  /** The official schema with every listed change made. */
  agreed: Oracle
  /** The official schema with every listed change but one. */
  lacking: ReadonlyMap<Disagreement, Oracle>
}

function edited(official: Official, changes: readonly Disagreement[]): Oracle {
  const definitions = structuredClone(official.definitions)
  for (const { change } of changes) change(definitions)
  return createOracle({ ...official, definitions })
}

/** What is made once per revision, whichever test comes first. */
function oncePerRevision<T>(make: (revision: RevisionDate) => Promise<T>): typeof make {
  const made = new Map<RevisionDate, Promise<T>>()
  return (revision) => {
    const one = made.get(revision) ?? make(revision)
    made.set(revision, one)
    return one
  }
}

const benchOf = oncePerRevision(createBench)

async function createBench(revision: RevisionDate): Promise<Bench> {
  const official = await readOfficial(revision)
  const changes = disagreements.filter(({ revisions }) => revisions.includes(revision))
  const lacking = changes.map(
    (one) =>
      [
        one,
        edited(
          official,
          changes.filter((other) => other !== one),
        ),
      ] as const,
  )
  return { raw: createOracle(official), agreed: edited(official, changes), lacking: new Map(lacking) }
}

/** True when ours refuses nothing but added members whose value the official schema does not look at at all. */
function addsForeignMember({ sample, mutations, value }: Case, { agreed }: Bench, ours: z.ZodType): boolean {
  let without = value
  for (const mutation of mutations) {
    if (mutation.kind !== 'add' || mutation.key.startsWith('x-')) continue
    const path = [...mutation.path, mutation.key]
    if (valueAt(value, path) === undefined) continue
    const indifferent = [null, true, 1.5, 'text', [[]], { a: [] }].every((other) =>
      agreed(sample)(mutate(value, { kind: 'replace', path, value: other })),
    )
    if (indifferent) without = mutate(without, { kind: 'drop', path })
  }
  return without !== value && ours.safeParse(without).success
}

/** What is wrong with a case, and whether it took the rule about members of other revisions to say nothing. */
function judge(revision: RevisionDate, bench: Bench, one: Case): { fault?: string; foreign: boolean } {
  const { sample, value } = one
  const schema = ourSchema(revision, sample)
  const parsed = schema.safeParse(value)
  if (parsed.success && !Bun.deepEquals(parsed.data, value, true))
    return { fault: `lost in ${show(one)}`, foreign: false }
  const agreed = bench.agreed(sample)(value)
  if (parsed.success === agreed) return { foreign: false }
  if (agreed && addsForeignMember(one, bench, schema)) return { foreign: true }
  return { fault: `${agreed ? 'only the official schema' : 'only ours'} accepts ${show(one)}`, foreign: false }
}

function show({ sample, mutations, value }: Case): string {
  return `the ${sample.place} of ${sample.name} after ${JSON.stringify(mutations)}: ${JSON.stringify(value)}`
}

interface Survey {
  cases: number
  faults: string[]
  /** Listed disagreements that no case needed. */
  stale: string[]
  /** Cases in which a member of another revision was refused. */
  foreign: number
}

const surveyOf = oncePerRevision(takeSurvey)

/** The verdicts on every systematic mutation. */
async function takeSurvey(revision: RevisionDate): Promise<Survey> {
  const bench = await benchOf(revision)
  const unseen = new Map(bench.lacking)
  const survey: Survey = { cases: 0, faults: [], stale: [], foreign: 0 }
  for (const sample of samplesOf[revision]) {
    for (const mutation of sweep(sample, donorsFor)) {
      const value = asJson(mutate(sample.value, mutation))
      const { fault, foreign } = judge(revision, bench, { sample, mutations: [mutation], value })
      survey.cases += 1
      if (fault) survey.faults.push(fault)
      if (foreign) survey.foreign += 1
      const agreed = bench.agreed(sample)(value)
      if (agreed === bench.raw(sample)(value)) continue
      for (const [change, oracle] of unseen) if (oracle(sample)(value) !== agreed) unseen.delete(change)
    }
  }
  return { ...survey, stale: [...unseen.keys()].map(({ id }) => id) }
}

describe.each([...revisions])('the catalogue of %s and the official JSON Schema', (revision) => {
  const samples = samplesOf[revision]

  test.skipIf(!folder)(`both accept every hand-written sample, and no member is lost${unlessMissing}`, async () => {
    const { raw } = await benchOf(revision)
    for (const sample of samples) {
      expect(raw(sample)(sample.value), `official: ${JSON.stringify(sample)}`).toBe(true)
      const parsed = ourSchema(revision, sample).safeParse(sample.value)
      expect(parsed.error?.message ?? '', `ours: ${JSON.stringify(sample)}`).toBe('')
      expect(parsed.data).toStrictEqual(sample.value)
    }
  })

  test.skipIf(!folder)(
    `give one verdict on every systematic mutation${unlessMissing}`,
    async () => {
      const { cases, faults } = await surveyOf(revision)
      expect(cases).toBeGreaterThan(1000)
      expect(faults.slice(0, 10)).toEqual([])
    },
    60_000,
  )

  test.skipIf(!folder)(
    `every listed disagreement still occurs${unlessMissing}`,
    async () => {
      const { stale, foreign } = await surveyOf(revision)
      expect(stale).toEqual([])
      expect(foreign, MEMBERS_OF_OTHER_REVISIONS.id).toBeGreaterThan(0)
    },
    60_000,
  )

  test.skipIf(!folder)(
    `give one verdict on random mutations (seed ${SEED})${unlessMissing}`,
    async () => {
      const bench = await benchOf(revision)
      const property = fc.property(arbitraryCase(samples), (one) => {
        const { fault } = judge(revision, bench, one)
        if (fault) throw new Error(fault)
      })
      fc.assert(property, { numRuns: 5000, seed: SEED })
    },
    60_000,
  )
})
