import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { must } from './must.ts'
import { packTarball, published } from './pack.ts'
import { changesets } from './release-stage.ts'

export interface ReleasePackOptions {
  /** The checkout, or a staged copy of it, with its packages built. */
  from: string
  /** Gets `publish-plan.json` and the tarballs; should not exist yet. */
  into: string
  env?: Readonly<Record<string, string>>
}

/** A tarball that is ready to be published. */
export interface ReadyTarball {
  name: string
  version: string
  /** Absolute path. */
  tarball: string
}

/**
 * Packs what the registry does not have yet, so that it can be published later and elsewhere. changesets makes the plan
 * and tarballs; these leave `workspace:` and `catalog:` inside, so each is made again by Bun and its digest corrected.
 *
 * @throws {Error} when changes wait that no version holds, or a tarball could not be installed
 */
export async function packRelease({ from, into, env = {} }: ReleasePackOptions): Promise<ReadyTarball[]> {
  const waiting = readdirSync(join(from, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md')
  if (waiting.length > 0) {
    throw new Error(`no version holds ${waiting.join(', ')} yet: run "bun run release:version" and commit what it does`)
  }
  // the packages are built already, and these tarballs do not stay
  await must(changesets('pack', '--out-dir', into), from, { env: { ...env, npm_config_ignore_scripts: 'true' } })
  const planFile = join(into, 'publish-plan.json')
  const plan: unknown = await Bun.file(planFile).json()
  const ready: ReadyTarball[] = []
  for (const step of publishSteps(plan)) {
    const folder = join(from, 'packages', folderOf(step.name))
    const tarball = join(into, step.tarball.path)
    await packTarball(folder, tarball)
    const digest = new Bun.CryptoHasher('sha256').update(await Bun.file(tarball).bytes()).digest('base64')
    step.tarball.integrity = `sha256-${digest}`
    ready.push({ name: step.name, version: step.version, tarball })
  }
  await Bun.write(planFile, `${JSON.stringify(plan, null, 2)}\n`)
  return ready
}

interface PublishStep {
  kind: 'publish'
  name: string
  version: string
  tarball: { path: string; integrity: string }
}

/** The steps of a plan that publish, as parts of it, to be changed in place. */
function publishSteps(plan: unknown): PublishStep[] {
  const groups = typeof plan === 'object' && plan !== null && 'plan' in plan ? plan.plan : undefined
  if (!Array.isArray(groups)) throw new TypeError('publish-plan.json holds no "plan" that is a list')
  const steps = groups.flat().filter((step: unknown) => Object(step).kind === 'publish')
  for (const step of steps) {
    if (!isPublishStep(step))
      throw new TypeError(`publish-plan.json has a step of another form: ${JSON.stringify(step)}`)
  }
  return steps.filter(isPublishStep)
}

function isPublishStep(step: unknown): step is PublishStep {
  const { name, version, tarball } = Object(step)
  return typeof name === 'string' && typeof version === 'string' && typeof Object(tarball).path === 'string'
}

function folderOf(name: string): string {
  const folder = basename(name)
  if (name !== `@bao-mcp/${folder}` || !published.includes(folder)) throw new Error(`${name} is no package of ours`)
  return folder
}
