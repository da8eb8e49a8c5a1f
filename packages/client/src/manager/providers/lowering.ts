import type { SchemaRules } from './rules.ts'

/** What a lowering did to the set of valid arguments. */
export type LoweringEffect =
  /** The same arguments are valid. */
  | 'same'
  /** More are: the server may refuse some the model was told are fine. */
  | 'looser'
  /** Fewer are: the model cannot say some that the server takes. */
  | 'narrower'

/** One thing that had to change for a provider. */
export interface LoweringNote {
  /** JSON Pointer into the tool's `inputSchema`; empty for the schema as a whole. */
  readonly at: string
  readonly keyword: string
  readonly effect: LoweringEffect
  readonly why: string
}

/** Notes kept for one schema; what is changed after that is counted under `keyword: '...'`. */
export const MAX_NOTES = 200
/** Schemas visited and properties joined for one tool; what would be more is left open. */
export const MAX_LOWERING_STEPS = 20_000
/** How often one reference is followed inside itself. */
export const MAX_UNROLLED = 2

/** The state of one schema being lowered. */
export interface Lowering {
  readonly root: unknown
  readonly rules: SchemaRules
  readonly notes: LoweringNote[]
  /** Why strict mode is out of the question, once it is. */
  readonly obstacles: string[]
  properties: number
  enumValues: number
  note(at: string, keyword: string, effect: LoweringEffect, why: string): void
  /** False once the work allowed for one tool is done. */
  spend(steps: number): boolean
}

/** Begins to lower one schema. */
export function createLowering(root: unknown, rules: SchemaRules): Lowering {
  const notes: LoweringNote[] = []
  const counted = new Set<string>()
  let steps = MAX_LOWERING_STEPS
  return {
    root,
    rules,
    notes,
    obstacles: [],
    properties: 0,
    enumValues: 0,
    note(at, keyword, effect, why) {
      if (notes.length < MAX_NOTES) {
        const key = `${at} ${keyword} ${effect} ${why}`
        if (!counted.has(key)) notes.push({ at, keyword, effect, why })
        counted.add(key)
      } else if (!counted.has(effect)) {
        counted.add(effect)
        notes.push({ at: '', keyword: '...', effect, why: `more than ${MAX_NOTES} changes` })
      }
    },
    spend(wanted) {
      steps -= wanted
      return steps >= 0
    },
  }
}

/** One step further in a JSON Pointer. */
export function pointer(at: string, ...steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`, at)
}
