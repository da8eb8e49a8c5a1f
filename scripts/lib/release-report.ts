import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Packed } from './pack.ts'
import type { PlannedPackage } from './release-stage.ts'

/** The versions that a release makes, and what it tells of them, as lines. */
export function planLines(plan: readonly PlannedPackage[]): string[] {
  const width = Math.max(...plan.map(({ name }) => name.length))
  const versions = plan.map(({ name, from, to }) =>
    from === to ? `  ${name.padEnd(width)}  ${from} stays` : `  ${name.padEnd(width)}  ${from} -> ${to}`,
  )
  const news = plan.filter((each) => each.news !== '').flatMap(({ name, news }) => ['', `${name}:`, indented(news)])
  return [...versions, ...news]
}

/** What one tarball holds: its size, its ranges, and every file by its folder, as lines. */
export function tarballLines({ manifest, tarball, unpacked, files }: Packed): string[] {
  const bytesOf = (file: string): number => statSync(join(unpacked, file)).size
  const total = files.reduce((sum, file) => sum + bytesOf(file), 0)
  const ranges = Object.entries({ ...manifest.peerDependencies, ...manifest.dependencies }).map(
    ([name, range]) => `${name} ${range}${manifest.dependencies?.[name] === undefined ? ' (optional peer)' : ''}`,
  )
  const folders = Map.groupBy(files, (file) => file.replace(/[^/]+$/, ''))
  const lines = [...folders].map(([folder, inside]) => {
    const bytes = inside.reduce((sum, file) => sum + bytesOf(file), 0)
    return `  ${folder === '' ? './' : folder} (${inside.length} files, ${kilobytes(bytes)}): ${namesIn(inside)}`
  })
  return [
    `${manifest.name}@${manifest.version}: ${kilobytes(statSync(tarball).size)} packed, ${kilobytes(total)} unpacked, ${files.length} files`,
    `  needs ${ranges.join(', ')}`,
    ...lines,
  ]
}

/** The files of one folder without it; those that differ in their endings only stand together. */
function namesIn(files: readonly string[]): string {
  const names = files.map((file) => file.split('/').at(-1) ?? file)
  const byStem = Map.groupBy(names, (name) => name.replace(/\.(?:d\.ts|js)(?:\.map)?$/, ''))
  const shown = [...byStem].map(([stem, group]) => {
    const endings = group.map((name) => name.slice(stem.length))
    return group.length === 1 ? (group[0] ?? stem) : `${stem}{${endings.join(',')}}`
  })
  return shown.join(' ').replaceAll('{.d.ts,.d.ts.map,.js,.js.map}', '.*')
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
