import { afterAll, describe } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { taskStoreSuite } from '../../test/task-store-suite.ts'
import { memoryTasks, sqliteTasks } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'bao-tasks-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

describe('in memory', () => taskStoreSuite(() => memoryTasks()))
describe('in a file', () => taskStoreSuite(() => sqliteTasks(join(folder, `${files++}.sqlite`))))
