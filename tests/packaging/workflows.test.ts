import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

interface Job {
  permissions?: Record<string, string>
  needs?: string
  steps: readonly { uses?: string; run?: string; if?: string; with?: Record<string, unknown> }[]
}

interface Workflow {
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const textOf = (name: string): Promise<string> => Bun.file(join(root, '.github/workflows', `${name}.yml`)).text()

async function workflow(name: string): Promise<Workflow> {
  // both files are ours, and what is read of them below fails when it is not there
  return Bun.YAML.parse(await textOf(name)) as Workflow
}

test('only the job that publishes can show who it is, and it builds nothing', async () => {
  const { permissions, jobs } = await workflow('release')
  expect(permissions).toEqual({ contents: 'read' })
  const able = Object.entries(jobs).filter(([, job]) => job.permissions?.['id-token'] === 'write')
  expect(able.map(([name]) => name)).toEqual(['publish'])
  const { needs, steps } = able[0]?.[1] ?? { steps: [] }
  expect(needs).toBe('pack')
  expect(steps.map(({ run = '' }) => run).join('\n')).not.toMatch(/run build|run test|--pack|run bundle/)
  expect(steps.some(({ run }) => run === 'bun scripts/release.ts --publish release')).toBe(true)
})

test('no workflow needs a secret', async () => {
  for (const name of ['ci', 'release']) expect(await textOf(name)).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/)
})

test('the scripts that the workflows run exist, on the Bun that the project is made for', async () => {
  const { scripts, packageManager } = await Bun.file(join(root, 'package.json')).json()
  for (const name of ['ci', 'release']) {
    const steps = Object.values((await workflow(name)).jobs).flatMap((job) => job.steps)
    const named = steps.flatMap(({ run = '' }) => [...run.matchAll(/\bbun run ([\w:-]+)/g)].map(([, script]) => script))
    expect(named.filter((script) => !(String(script) in scripts))).toEqual([])
    const versions = steps.flatMap(({ run = '' }) => run.match(/\bbun@\S+/g) ?? [])
    expect(new Set(versions)).toEqual(new Set([packageManager]))
    const scriptFiles = steps.flatMap(({ run = '' }) => run.match(/\bscripts\/\S+\.ts\b/g) ?? [])
    expect(scriptFiles.filter((file) => !existsSync(join(root, file)))).toEqual([])
  }
})

test('no workflow runs an action of others that can change under its name', async () => {
  for (const name of ['ci', 'release']) {
    const used = Object.values((await workflow(name)).jobs).flatMap((job) =>
      job.steps.flatMap(({ uses }) => uses ?? []),
    )
    expect(used.length).toBeGreaterThan(0)
    // GitHub itself is trusted with the machine that everything here runs on
    expect(used.filter((each) => !/^actions\/[\w-]+@v\d+$|@[\da-f]{40}$/.test(each))).toEqual([])
  }
})

test('the tags of what was published reach the repository when the rest was not published', async () => {
  const { steps = [] } = (await workflow('release')).jobs.publish ?? {}
  const publishes = steps.findIndex(({ run = '' }) => run.includes('--publish'))
  const pushes = steps.findIndex(({ run = '' }) => run.includes('git push --tags'))
  expect(pushes).toBeGreaterThan(publishes)
  expect(steps[pushes]?.if).toBe('always()')
})

test('bundles are published once each, at the commit they were made of', async () => {
  const { steps = [], permissions, needs } = (await workflow('release')).jobs.bundles ?? {}
  expect(needs).toBe('publish')
  expect(permissions).toEqual({ contents: 'write' })
  expect(steps.at(-1)?.run).toMatch(/^node scripts\/release-bundles\.ts bundles --target \$\{\{ github\.sha \}\}$/)
})
