// Starts Bun where npm may not run install scripts: `node scripts/bun.mjs run demo`. Uses a Bun that is there in the
// right version; otherwise fetches the binary's own package, which needs no script, into the user's cache.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const isWindows = process.platform === 'win32'
const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const version = packageManager.replace(/^bun@/, '')

const bun = isThere() ? 'bun' : fetched()
const { status, error } = spawnSync(bun, process.argv.slice(2), { stdio: 'inherit' })
if (error) console.error(`cannot start ${bun}: ${error.message}`)
process.exitCode = status ?? 1

function isThere() {
  const { status, stdout } = spawnSync('bun', ['--version'], { encoding: 'utf8', shell: isWindows })
  return status === 0 && stdout.trim() === version
}

/** The path of a fetched Bun, which also comes first in PATH for the scripts that it runs. */
function fetched() {
  const name = `@oven/bun-${platform()}-${architecture()}`
  const folder = join(homedir(), '.cache', `bun-npm-${version}`)
  const binary = join(folder, 'node_modules', name, 'bin', isWindows ? 'bun.exe' : 'bun')
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: isWindows,
    })
  }
  process.env.PATH = `${dirname(binary)}${delimiter}${process.env.PATH}`
  return binary
}

function platform() {
  return isWindows ? 'windows' : process.platform
}

function architecture() {
  return process.arch === 'arm64' ? 'aarch64' : process.arch
}
