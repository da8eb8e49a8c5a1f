import { isTest, resolveRelative, type SourceFile, type Violation } from './source.ts'

/** What each part of the tree may import besides itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  client: ['protocol'],
  server: ['protocol'],
  app: ['client', 'server', 'protocol'],
}

/** The layers of the protocol package, lowest first; each may import itself and what stands before it. */
const protocolLayers: readonly string[] = ['jsonrpc', 'shapes', 'revisions']

/** Doors of the protocol package: they collect what lies behind them, so nothing behind them may import them. */
const doors = /^packages\/protocol\/src\/(index\.ts|engine\.ts|testing\/)/

/**
 * The arrows between the packages, and between the layers of the protocol package. Holds for types as well, because a
 * type that crosses a border is knowledge that crosses it.
 */
export function layerViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier, line }) => {
      const message = crosses(file.path, specifier)
      return message === undefined ? [] : [{ path: file.path, line, message }]
    }),
  )
}

function crosses(path: string, specifier: string): string | undefined {
  const from = partOf(path)
  const allowed = from === undefined ? undefined : arrows[from.kind]
  if (from === undefined || allowed === undefined) return undefined
  if (specifier.startsWith('.')) {
    const target = resolveRelative(path, specifier)
    if (!target.startsWith(`${from.folder}/`))
      return `${specifier} leaves ${from.folder}; import the package by its name`
    return from.kind === 'protocol' ? insideProtocol(path, target) : undefined
  }
  const [, to] = /^@bao-mcp\/([\w-]+)/.exec(specifier) ?? []
  if (to !== undefined) {
    return allowed.includes(to) ? undefined : `${from.folder} may not import ${specifier}`
  }
  if (from.kind === 'protocol' && !isTest(path) && !/^zod(\/|$)/.test(specifier)) {
    return `the protocol package depends on zod alone, not on ${specifier}`
  }
  return undefined
}

function insideProtocol(path: string, target: string): string | undefined {
  if (isTest(path)) return undefined
  const from = layerOf(path)
  const to = layerOf(target)
  if (from === 'testing') return undefined
  const isDoor = doors.test(path)
  if (!isDoor && doors.test(target)) return `${target} collects what lies behind it and is imported from outside only`
  const rank = protocolLayers.indexOf(from)
  if (rank < 0) return undefined
  // The lower two know nothing of the files beside them; a revision may use the package's own tools.
  if (to === '' && from !== 'revisions') return `${from}/ imports nothing from beside it, not ${target}`
  if (protocolLayers.indexOf(to) > rank) return `${from}/ lies below ${to}/ and may not import ${target}`
  return undefined
}

/** The folder right under `src`, or an empty string for files that stand there themselves. */
function layerOf(path: string): string {
  const [, layer] = /^packages\/protocol\/src\/([\w-]+)\//.exec(path) ?? []
  return layer ?? ''
}

function partOf(path: string): { kind: string; folder: string } | undefined {
  const [, group, name] = /^(packages|apps)\/([^/]+)\/src\//.exec(path) ?? []
  if (group === undefined || name === undefined) return undefined
  return { kind: group === 'apps' ? 'app' : name, folder: `${group}/${name}` }
}
