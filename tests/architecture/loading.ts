import { resolveRelative, type SourceFile, type Violation } from './source.ts'

/** The entries that must load without a schema library, by path. */
export const lightEntries: readonly string[] = [
  'packages/protocol/src/engine.ts',
  'packages/protocol/src/revisions/index.ts',
  'packages/client/src/index.ts',
  'packages/server/src/index.ts',
]

/** Where the names lead that are not relative. A pattern of one star may stand for several files. */
export interface PackageDoors {
  /** As in `@bao-mcp/protocol/engine` to `packages/protocol/src/engine.ts`. */
  exports: ReadonlyMap<string, string>
  /** By package folder: as in `#runtime/*` to `./src/runtime/bun/*.ts`, for every runtime. */
  imports: ReadonlyMap<string, readonly (readonly [pattern: string, target: string])[]>
}

const heavy = /^zod(\/|$)|^packages\/protocol\/src\/shapes\//

/** Whatever is loaded together with a light entry and must not be, with the way that leads there. */
export function loadingViolations(
  files: readonly SourceFile[],
  doors: PackageDoors,
  entries: readonly string[] = lightEntries,
): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return entries.flatMap((entry) => {
    if (!byPath.has(entry)) return [{ path: entry, line: 1, message: 'this entry does not exist' }]
    const ways = new Map<string, readonly string[]>([[entry, [entry]]])
    const found: Violation[] = []
    for (const [path, way] of ways) {
      for (const { specifier, kind, line } of byPath.get(path)?.imports ?? []) {
        if (kind !== 'value') continue
        for (const target of targetsOf(path, specifier, doors)) {
          if (heavy.test(target)) found.push({ path, line, message: [...way, target].join(' -> ') })
          else if (!ways.has(target)) ways.set(target, [...way, target])
        }
      }
    }
    return found
  })
}

/** Reads the doors from the manifests of the packages. */
export function packageDoors(manifests: ReadonlyMap<string, Manifest>): PackageDoors {
  const exports = new Map<string, string>()
  const imports = new Map<string, [string, string][]>()
  for (const [folder, manifest] of manifests) {
    for (const [door, conditions] of Object.entries(manifest.exports)) {
      const source = typeof conditions === 'string' ? undefined : conditions['@bao-mcp/source']
      if (source !== undefined)
        exports.set(manifest.name + door.slice(1), resolveRelative(`${folder}/package.json`, source))
    }
    const patterns = Object.entries(manifest.imports ?? {}).flatMap(([pattern, conditions]) =>
      Object.values(conditions).map((target): [string, string] => [pattern, sourceOf(target)]),
    )
    imports.set(folder, patterns)
  }
  return { exports, imports }
}

export interface Manifest {
  name: string
  exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

function targetsOf(path: string, specifier: string, doors: PackageDoors): string[] {
  if (specifier.startsWith('.')) return [resolveRelative(path, specifier)]
  if (!specifier.startsWith('#')) return [doors.exports.get(specifier) ?? specifier]
  const [folder = ''] = /^packages\/[^/]+/.exec(path) ?? []
  return (doors.imports.get(folder) ?? []).flatMap(([pattern, target]) => {
    const [head = '', tail = ''] = pattern.split('*')
    if (!specifier.startsWith(head) || !specifier.endsWith(tail)) return []
    const star = specifier.slice(head.length, specifier.length - tail.length)
    return [resolveRelative(`${folder}/package.json`, target.replaceAll('*', star))]
  })
}

/** The source of a built file. */
function sourceOf(target: string): string {
  return target.replace(/^\.\/dist\//, './src/').replace(/\.js$/, '.ts')
}
