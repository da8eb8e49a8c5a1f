import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'

const PACKAGES = 'packages'
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', '.turbo'])

/** Copies the packages of a checkout, with links to what is installed; they see one another's copies, and nothing is built. */
export function copyPackages(from: string, to: string): void {
  // as links tell it, which may name the folder in another way
  const root = realpathSync(from)
  cpSync(join(root, PACKAGES), join(to, PACKAGES), {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(basename(path)),
  })
  for (const name of ['package.json', 'bunfig.toml', 'tsconfig.base.json', 'tsconfig.json']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(to, name))
  }
  for (const name of readdirSync(join(root, PACKAGES))) {
    const installed = join(root, PACKAGES, name, 'node_modules')
    if (existsSync(installed)) link(installed, join(to, PACKAGES, name, 'node_modules'), { root, to })
  }
}

/** Links every entry of a folder of installed packages, those of a scope one by one. */
function link(installed: string, linked: string, trees: { root: string; to: string }): void {
  mkdirSync(linked)
  for (const name of readdirSync(installed)) {
    const entry = join(installed, name)
    if (name.startsWith('@') && !lstatSync(entry).isSymbolicLink()) link(entry, join(linked, name), trees)
    else symlinkSync(placeOf(realpathSync(entry), trees), join(linked, name), 'junction')
  }
}

/** Where a link leads: a package of the checkout is found in the copy, everything else where it is. */
function placeOf(target: string, { root, to }: { root: string; to: string }): string {
  const within = relative(root, target)
  return within.split(sep)[0] === PACKAGES ? join(to, within) : target
}
