import { join } from 'node:path'
import { readTree, type SourceFile } from './source.ts'

/** The checkout's own folder. */
export const root: string = join(import.meta.dirname, '../..')

let read: Promise<SourceFile[]> | undefined

/** All TypeScript files of the tree, read once. */
export function tree(): Promise<SourceFile[]> {
  read ??= readTree(root, ['{packages,apps}/*/src/**/*.ts', '{tests,bench,scripts}/**/*.ts'])
  return read
}
