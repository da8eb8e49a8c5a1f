import { expect, test } from 'bun:test'
import { eraViolations } from './eras.ts'
import { report, sourceFile } from './source.ts'
import { tree } from './tree.ts'

const shared = 'packages/client/src/session.ts'
const caught = (text: string, path = shared): boolean => eraViolations([sourceFile(path, text)]).length > 0

test.each([
  "if (facts.era === 'legacy') return",
  "if ('modern' !== era) return",
  "const old = era == 'legacy'",
  'if (a.era === b.era) return',
  'if (era !== other) return',
  "switch (x) { case 'legacy': return 1 }",
  'switch (facts.era) {}',
  'switch (protocolVersion) {}',
  "if (['legacy'].includes(kind)) return",
  "const version = '2025-11-25'",
  'const url = `/${x}/2026-07-28/y`',
  "if (protocolVersion >= '2025') return",
  'if (revision.version === other) return',
  'if (negotiatedVersion < limit) return',
  "if (version === '1125') return",
  "if ('2025' <= params.protocolVersion) return",
  "if (version.startsWith('20')) return",
])('catches %j', (text) => {
  expect(caught(text)).toBe(true)
})

test.each([
  '// 2025-11-25 has sessions\n',
  '/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic */ export const a = 1',
  "export type Era = 'legacy' | 'modern'",
  'export const open = (era: Era): void => start({ era, version })',
  "const facts = { era: 'modern', version }",
  'if (protocolVersion === undefined) return',
  'if (facts.era !== undefined) return',
  "if (typeof params.protocolVersion === 'string') return",
  "if (message.jsonrpc === '2.0') return",
  'if (snapshot.version === current.version) return',
  'revision.accepts.includes(version)',
  'const compare: Promise<ProtocolVersion> = read()',
  'const camera = { kind: x }\nif (cameras === all) return',
  'eras.modern.open(channel)',
])('lets %j pass', (text) => {
  expect(caught(text)).toBe(false)
})

test.each([
  ['packages/client/src/eras/modern.ts', true],
  ['packages/protocol/src/revisions/2025-11-25/index.ts', true],
  ['packages/server/src/http/eras.ts', false],
  ['packages/server/src/dispatch.ts', false],
  ['packages/server/src/dispatch.test.ts', true],
  ['apps/echo/src/main.ts', true],
])('%s may decide by an era: %p', (path, allowed) => {
  expect(caught("if (era === 'legacy') return '2025-11-25'", path)).toBe(!allowed)
})

test.each(['packages/protocol/src/shapes/catalogue/messages.ts', 'packages/protocol/src/testing/revisions.ts'])(
  '%s may hold dates as data but decides nothing',
  (path) => {
    expect(caught("export const version = '2025-11-25'", path)).toBe(false)
    expect(caught("if (era === 'legacy') return", path)).toBe(true)
  },
)

test('the tree decides by versions and eras in their folders only', async () => {
  expect(report(eraViolations(await tree()))).toEqual([])
})
