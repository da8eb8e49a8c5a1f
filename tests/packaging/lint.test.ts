import { beforeAll, describe, expect, test } from 'bun:test'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { must } from '../../scripts/lib/must.ts'
import { type PackedSet, published } from '../../scripts/lib/pack.ts'
import { packageOf, packedOnce } from './packed.ts'

let set: PackedSet
beforeAll(async () => {
  set = await packedOnce()
}, 180_000)

const attw = join(dirname(fileURLToPath(import.meta.resolve('@arethetypeswrong/cli/package.json'))), 'dist/index.js')

/** ESM alone is what we publish; older ways of resolving find nothing, and are told so by their own tools. */
const resolutionCheck = [
  '--profile',
  'esm-only',
  '--exclude-entrypoints',
  './package.json',
  '--format',
  'ascii',
  '--no-emoji',
  '--no-color',
]

describe.each([...published])('the tarball of %s', (name) => {
  test('is one that publint has nothing to say about', async () => {
    const { tarball } = packageOf(set, name)
    const { messages, pkg } = await publint({ pack: { tarball: await Bun.file(tarball).arrayBuffer() } })
    expect(messages.map((message) => formatMessage(message, pkg) ?? message.code)).toEqual([])
  })

  test('gives every way of resolving ES modules its types, says attw', async () => {
    const { tarball, manifest } = packageOf(set, name)
    const report = await must([process.execPath, attw, tarball, ...resolutionCheck], set.folder)
    const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json')
    expect(report.match(/^node16 \(from ESM\): OK \((?:ESM|JSON)\)/gm)).toHaveLength(doors.length)
    expect(report.match(/^bundler: OK/gm)).toHaveLength(doors.length)
  }, 60_000)
})
