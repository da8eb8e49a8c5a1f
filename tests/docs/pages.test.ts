import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runPage } from './run-page.ts'
import { pages } from './snippets.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

const all = await pages()
let workshop: Workshop
beforeAll(async () => {
  workshop = await openWorkshop()
}, 60_000)
afterAll(() => workshop[Symbol.dispose](), 60_000)

test('every block of every page says how it is tested', () => {
  expect(workshop.faults).toEqual([])
})

test('every block of every page compiles', async () => {
  expect(await workshop.check()).toEqual([])
}, 120_000)

describe('the programs run as their page says:', () => {
  test.each(all)(
    '%s',
    async (path) => {
      const page = workshop.pages.find((one) => one.path === path)
      if (page === undefined) throw new Error(`${path} was not written`)
      expect(await runPage(page, { name: 'bun', binary: process.execPath })).toEqual([])
    },
    60_000,
  )
})
