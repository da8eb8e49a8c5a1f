import type { RevisionDate } from '../../packages/protocol/src/shapes/index.ts'
import { samples as s20241105 } from './samples/2024-11-05.ts'
import { batches, samples as s20250326 } from './samples/2025-03-26.ts'
import { samples as s20250618 } from './samples/2025-06-18.ts'
import { samples as s20251125 } from './samples/2025-11-25.ts'
import { samples as s20260728 } from './samples/2026-07-28.ts'
import type { Sample } from './samples/sample.ts'

export const revisions: readonly RevisionDate[] = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']

export const samplesOf: Readonly<Record<RevisionDate, readonly Sample[]>> = {
  '2024-11-05': s20241105,
  '2025-03-26': [...s20250326, ...batches],
  '2025-06-18': s20250618,
  '2025-11-25': s20251125,
  '2026-07-28': s20260728,
}
