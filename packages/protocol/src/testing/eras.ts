import type { Era } from '../revisions/index.ts'

/** Every era, for tests that hold in each. */
export const eras: readonly Era[] = ['legacy', 'modern']
