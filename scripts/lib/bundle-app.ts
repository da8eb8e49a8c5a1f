import { mkdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { connect, stdio } from '../../packages/client/src/index.ts'
import { type BundleDefinition, readBundleDefinition } from './bundle-definition.ts'
import { entryPoint, mcpbManifest, nameOf, type ServerFacts, serverJson } from './bundle-texts.ts'
import { root, tool } from './commands.ts'
import { must } from './must.ts'
import { withoutTimes } from './release-zip-times.ts'

export interface BundleAppOptions {
  /** The app's folder in `apps/`. */
  app: string
  /** Where everything goes; what stood there is removed. */
  into: string
}

/** Absolute paths of what was made. */
export interface BundledApp {
  /** The folder that was packed. */
  unpacked: string
  /** The server itself, for Node 22 and later; with the scripts beside it, it needs nothing installed. */
  script: string
  manifest: string
  /** The `.mcpb` file. */
  bundle: string
  serverJson: string
}

/**
 * Makes a script of an app's server, asks that script what it has, and packs it as an MCPB bundle with a `server.json`
 * that fits. The packages have to be built.
 *
 * @throws {TypeError} when the app's `bundle.json` is malformed
 * @throws {Error} with the output of the step that failed
 */
export async function bundleApp({ app, into }: BundleAppOptions): Promise<BundledApp> {
  const from = join(root, 'apps', app)
  const definition = readBundleDefinition(await Bun.file(join(from, 'bundle.json')).json())
  rmSync(into, { recursive: true, force: true })
  const unpacked = join(into, 'bundle')
  const script = join(unpacked, entryPoint)
  mkdirSync(unpacked, { recursive: true })
  await Bun.build({
    entrypoints: [join(from, definition.entry)],
    outdir: dirname(script),
    // what is loaded on use stays a file of its own, so that Node never meets what only Bun has and nobody asks for
    splitting: true,
    naming: { entry: basename(script), chunk: '[name]-[hash].mjs' },
    target: 'node',
    minify: true,
  })
  const facts = await askServer(script, definition)
  const manifest = join(unpacked, 'manifest.json')
  await writeJson(manifest, mcpbManifest(definition, facts))
  const file = `${nameOf(definition)}-${facts.version}.mcpb`
  const bundle = join(into, file)
  // the tools of others are installed for the tests
  const beside = join(root, 'tests')
  await must(tool('mcpb', 'validate', manifest), beside)
  await must(tool('mcpb', 'pack', unpacked, bundle), beside)
  const bytes = withoutTimes(await Bun.file(bundle).bytes())
  await Bun.write(bundle, bytes)
  const sha256 = new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
  await writeJson(join(into, 'server.json'), serverJson(definition, facts, { file, sha256 }))
  return { unpacked, script, manifest, bundle, serverJson: join(into, 'server.json') }
}

/** What a bundled server says of itself, when it runs with the examples of its settings. */
async function askServer(script: string, { settings }: BundleDefinition): Promise<ServerFacts> {
  const given = settings.map(({ env, example, default: preset }) => [env, example ?? preset] as const)
  const env = Object.fromEntries(given.filter((each): each is [string, string] => each[1] !== undefined))
  await using client = await connect(stdio({ command: process.execPath, args: [script], env }))
  const { name = '', version = '', title } = client.server ?? {}
  const tools = await client.listTools()
  return {
    version,
    title: title ?? name,
    instructions: client.instructions,
    tools: tools.map((each) => ({ name: each.name, description: each.description })),
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await Bun.write(path, `${JSON.stringify(value, null, 2)}\n`)
}
