import { catalogue as v20241105 } from './2024-11-05.ts'
import { catalogue as v20250326 } from './2025-03-26.ts'
import { catalogue as v20250618 } from './2025-06-18.ts'
import { catalogue as v20251125 } from './2025-11-25.ts'
import { catalogue as v20260728 } from './2026-07-28.ts'
import type { Catalogue } from './catalogue.ts'

/** The dates of the revisions that have a catalogue. */
export type RevisionDate = '2024-11-05' | '2025-03-26' | '2025-06-18' | '2025-11-25' | '2026-07-28'

/** Every revision's vocabulary by its date, oldest first. @see https://modelcontextprotocol.io/specification/versioning */
export const catalogues: Readonly<Record<RevisionDate, Catalogue>> = {
  '2024-11-05': v20241105,
  '2025-03-26': v20250326,
  '2025-06-18': v20250618,
  '2025-11-25': v20251125,
  '2026-07-28': v20260728,
}
