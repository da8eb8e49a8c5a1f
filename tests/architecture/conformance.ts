import { findAll, resolveRelative, type SourceFile, type Violation } from './source.ts'

interface Contestant {
  /** Its files. */
  own: RegExp
  published: RegExp
  /** What the library is there for. */
  byHand: RegExp
}

const contestants: readonly Contestant[] = [
  {
    own: /^tests\/conformance\/(?:server\.ts$|fixtures\/)/,
    published: /^@bao-mcp\/server(?:\/[\w-]+)?$/,
    byHand: /\bjsonrpc\b|\bnew\s+Response\b|\bResponse\.json\b|\bBun\.serve\b|\bcreateServer\s*\(\s*\(|\bmiddleware\b/g,
  },
  {
    own: /^tests\/conformance\/(?:client\.ts$|client\/)/,
    published: /^@bao-mcp\/client(?:\/[\w-]+)?$/,
    byHand:
      /\bjsonrpc\b|\bfetch\b|\bnew\s+Request\b|\bcrypto\b|\.request\s*\(|\.notify\s*\(|\bmiddleware\b|\bheaders:/g,
  },
]

/** The person's browser: it opens the one page that the library hands to a person. */
const browser = 'tests/conformance/client/browser.ts'

/**
 * The server and the client that the official suite judges are made of what is published and of nothing else: its verdict
 * would say little of the library if fixtures reached behind its doors, or spoke the protocol themselves.
 */
export function conformanceViolations(files: readonly SourceFile[]): Violation[] {
  return contestants.flatMap((contestant) =>
    files
      .filter(({ path }) => contestant.own.test(path))
      .flatMap((file) => [
        ...file.imports
          .filter(({ specifier }) => !isAllowed(file.path, specifier, contestant))
          .map(({ specifier, line }) => ({
            path: file.path,
            line,
            message: `imports ${specifier}; what is judged knows the public entries of its package, node: and itself`,
          })),
        ...(file.path === browser
          ? []
          : findAll(file, 'code', contestant.byHand, 'does by hand what the library is judged for')),
      ]),
  )
}

function isAllowed(path: string, specifier: string, { own, published }: Contestant): boolean {
  if (specifier.startsWith('.')) return own.test(resolveRelative(path, specifier))
  return specifier.startsWith('node:')
    ? !/^node:(?:http|https|http2|net|tls|crypto)$/.test(specifier)
    : published.test(specifier)
}
