import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

interface Job {
  permissions?: Record<string, string>
  needs?: string
  steps: readonly { uses?: string; run?: string; with?: Record<string, unknown> }[]
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
    const versions = steps.flatMap((step) => step.with?.['bun-version'] ?? [])
    expect(new Set(versions)).toEqual(new Set([packageManager.split('@')[1]]))
  }
})
