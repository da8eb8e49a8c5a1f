import { type Path, pathsIn, valueAt } from './mutate.ts'
import { revisions, samplesOf } from './revisions.ts'
import type { Sample } from './samples/sample.ts'

const byPlace = new Map<string, Map<string, unknown>>()

/** Where a value stands, by the names around it: the same in every sample that has one there. */
function standing(sample: Sample, path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return `${sample.place} ${sample.name}`
  return typeof last === 'number' ? `${String(path.at(-2))}.*` : last
}

for (const sample of revisions.flatMap((revision) => samplesOf[revision])) {
  for (const path of pathsIn(sample.value)) {
    const value = valueAt(sample.value, path)
    if (value === undefined) continue
    const here = standing(sample, path)
    byPlace.set(here, (byPlace.get(here) ?? new Map()).set(JSON.stringify(value), value))
  }
}

/** Values that are valid at such a place in some revision, though perhaps not in this one; at most a dozen. */
export function donorsFor(sample: Sample, path: Path): unknown[] {
  const all = [...(byPlace.get(standing(sample, path))?.values() ?? [])]
  const stride = Math.max(1, Math.ceil(all.length / 12))
  return all.filter((_, n) => n % stride === path.length % stride)
}
