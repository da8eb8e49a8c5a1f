#!/usr/bin/env bun
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, root } from './lib/commands.ts'
import { paint, say } from './lib/console.ts'
import { must } from './lib/must.ts'
import { packEach, published } from './lib/pack.ts'
import { packRelease } from './lib/release-pack.ts'
import { planLines, tarballLines } from './lib/release-report.ts'
import { changesets, stageRelease } from './lib/release-stage.ts'

const usage = `bun run release --dry-run            what the next release would be; asks nobody and changes nothing
bun run release --pack <folder>      packs what the registry does not have yet
bun run release --publish <folder>   publishes what was packed there, and tags it`

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    pack: { type: 'string' },
    publish: { type: 'string' },
  },
})

if (values['dry-run']) await rehearse()
else if (values.pack !== undefined) await pack(resolve(values.pack))
else if (values.publish !== undefined) await publish(resolve(values.publish))
else {
  say(usage)
  process.exitCode = 1
}

async function rehearse(): Promise<void> {
  await must(build, root)
  const folder = mkdtempSync(join(tmpdir(), 'bao-release-'))
  try {
    const stage = join(folder, 'stage')
    const tarballs = join(folder, 'tarballs')
    mkdirSync(tarballs)
    const plan = await stageRelease(stage)
    const packages = await packEach(join(stage, 'packages'), tarballs)
    say(paint.bold('The plan'))
    for (const line of planLines(plan)) say(line)
    for (const each of packages) for (const line of ['', ...tarballLines(each)]) say(line)
    say('\nNothing was published and nothing in the checkout was changed.')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function pack(into: string): Promise<void> {
  const dirty = await must(['git', 'status', '--porcelain', '--untracked-files=no'], root)
  if (dirty.trim() !== '') throw new Error(`a release is made from what is committed, and this is not:\n${dirty}`)
  for (const name of published) rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true })
  await must(build, root)
  const ready = await packRelease({ from: root, into })
  for (const { name, version, tarball } of ready) say(`${name}@${version}  ${tarball}`)
  if (ready.length === 0) say('the registry has everything already')
}

async function publish(from: string): Promise<void> {
  say(await must(changesets('publish', '--from-pack-dir', from), root, { limitMs: 600_000 }))
}
