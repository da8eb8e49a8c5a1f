import { findAll, resolveRelative, type SourceFile, type Violation } from './source.ts'

const judged = /^tests\/conformance\/(?:server\.ts$|fixtures\/)/
const published = /^@bao-mcp\/server(?:\/[\w-]+)?$/
const byHand =
  /\bjsonrpc\b|\bnew\s+Response\b|\bResponse\.json\b|\bBun\.serve\b|\bcreateServer\s*\(\s*\(|\bmiddleware\b/g

/**
 * The server that the official suite judges is made of what is published and of nothing else: its verdict would say
 * little of the library if fixtures reached behind its doors, or answered a message themselves.
 */
export function conformanceViolations(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => judged.test(path))
    .flatMap((file) => [
      ...file.imports
        .filter(({ specifier }) => !isAllowed(file.path, specifier))
        .map(({ specifier, line }) => ({
          path: file.path,
          line,
          message: `imports ${specifier}; fixtures know the public entries of @bao-mcp/server, node: and each other`,
        })),
      ...findAll(file, 'code', byHand, 'does by hand what the library is judged for'),
    ])
}

function isAllowed(path: string, specifier: string): boolean {
  if (specifier.startsWith('.')) return judged.test(resolveRelative(path, specifier))
  return specifier.startsWith('node:') ? !/^node:(?:http|https|http2|net)$/.test(specifier) : published.test(specifier)
}
