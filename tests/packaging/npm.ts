import { chmodSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../scripts/lib/must.ts'

/** The npm that is fetched where none is installed. */
const NPM = 'npm@11.19.1'

/** A folder for PATH whose `npm` and `node` are the given Node; it is made below `folder`. */
export async function npmOf(node: string, folder: string): Promise<string> {
  const bin = join(folder, `bin-${Bun.hash(node).toString(36)}`)
  mkdirSync(bin, { recursive: true })
  const cli = await npmCli(folder)
  await script(join(bin, 'npm'), `exec '${node}' '${cli}' "$@"`)
  await script(join(bin, 'node'), `exec '${node}' "$@"`)
  return bin
}

/** npm's settings that keep it from asking for anything but what an installation needs. */
export const quietNpm: Readonly<Record<string, string>> = {
  // what started this run may have said which scripts npm runs; a project of its own must not hear of it
  npm_config_allow_scripts: '',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
}

/** npm's own script. Where there is Bun alone, Bun installs it. */
async function npmCli(folder: string): Promise<string> {
  const found = Bun.which('npm')
  const real = found === null ? '' : realpathSync(found)
  if (real.endsWith('npm-cli.js')) return real
  const own = join(folder, 'npm')
  mkdirSync(own, { recursive: true })
  await Bun.write(join(own, 'package.json'), '{}')
  await must([process.execPath, 'add', '--exact', '--ignore-scripts', NPM], own)
  return join(own, 'node_modules/npm/bin/npm-cli.js')
}

async function script(path: string, command: string): Promise<void> {
  await Bun.write(path, `#!/bin/sh\n${command}\n`)
  chmodSync(path, 0o755)
}
