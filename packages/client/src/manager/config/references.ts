import type { MaybePromise } from '@bao-mcp/protocol/engine'

/** Something in a text that stands for something else. */
export interface Reference {
  /** As it is written. */
  readonly source: string
  /** Where it stands in its text. */
  readonly index: number
  readonly kind: 'env' | 'input' | 'user_config' | 'folder' | 'unknown'
  readonly name: string
  /** What counts where there is nothing of the name. */
  readonly fallback?: string
}

/** Names that stand for folders, and what separates them. */
const FOLDERS: ReadonlySet<string> = new Set([
  ...['workspaceFolder', 'workspaceFolderBasename', 'userHome', '__dirname', 'pathSeparator', '/'],
])

/** One folder of a workspace of several, by its name. */
const WORKSPACE_FOLDER = /^workspaceFolder:[\w.][\w .-]*$/

/**
 * `$${…}` and `$$env:X`, which stand for themselves without the first `$`; `${…}`; `{env:…}` and `{file:…}`; `$env:X`.
 */
const PATTERN = /\$(\$\{[^}]*\}|\$env:\w+)|\$\{([^}]*)\}|\{(env|file):([^}]*)\}|\$env:([A-Za-z_]\w*)/g
/** What is left of it behind the last brace that closes. */
const WITHOUT_BRACES = /\$(\$env:\w+)|\$env:([A-Za-z_]\w*)/g
const VARIABLE = /^[A-Za-z_]\w*$/

/** All that a text refers to, in order. */
export function referencesIn(text: string): readonly Reference[] {
  return matchesIn(text).flatMap((match) => (match.literal === undefined ? [referenceOf(match)] : []))
}

/**
 * The text with a value for each reference, and the references there is none for. Values are not looked into again, and no
 * shell is involved.
 */
export async function expandText(
  text: string,
  valueFor: (reference: Reference) => MaybePromise<string | undefined>,
): Promise<{ readonly text: string; readonly missing: readonly Reference[] }> {
  const parts: string[] = []
  const missing: Reference[] = []
  let from = 0
  for (const match of matchesIn(text)) {
    parts.push(text.slice(from, match.index))
    from = match.index + match.source.length
    const { literal } = match
    if (literal !== undefined) {
      parts.push(literal)
      continue
    }
    const reference = referenceOf(match)
    const value = (await valueFor(reference)) ?? reference.fallback
    if (value === undefined) missing.push(reference)
    else parts.push(value)
  }
  return { text: parts.join('') + text.slice(from), missing }
}

interface Match {
  readonly index: number
  readonly source: string
  readonly literal: string | undefined
  readonly braced?: string | undefined
  readonly keyword?: string | undefined
  readonly named?: string | undefined
  readonly bare: string | undefined
}

/** In a time that grows with the text and no faster: braces that nothing closes are not looked for the end of again and again. */
function matchesIn(text: string): Match[] {
  const end = text.lastIndexOf('}') + 1
  const inBraces = [...text.slice(0, end).matchAll(PATTERN)].map(
    ({ index, 0: source, 1: literal, 2: braced, 3: keyword, 4: named, 5: bare }) => ({
      ...{ index, source, literal, braced, keyword, named, bare },
    }),
  )
  const behind = [...text.slice(end).matchAll(WITHOUT_BRACES)].map(({ index, 0: source, 1: literal, 2: bare }) => ({
    ...{ index: end + index, source, literal, bare },
  }))
  return [...inBraces, ...behind]
}

function referenceOf({ index, source, braced, keyword, named, bare }: Match): Reference {
  const place = { source, index }
  if (bare !== undefined) return { ...place, kind: 'env', name: bare }
  if (keyword !== undefined) return { ...place, ...(keyword === 'env' ? variable(named ?? '') : unknown(named ?? '')) }
  return { ...place, ...inBraces(braced ?? '') }
}

function inBraces(inner: string): Omit<Reference, 'source' | 'index'> {
  if (FOLDERS.has(inner) || WORKSPACE_FOLDER.test(inner)) return { kind: 'folder', name: inner }
  const prefixed = /^(env:|input:|user_config\.)(.+)$/s.exec(inner)
  switch (prefixed?.[1]) {
    case 'env:':
      return variable(prefixed[2] ?? '')
    case 'input:':
      return { kind: 'input', name: prefixed[2] ?? '' }
    case 'user_config.':
      return { kind: 'user_config', name: prefixed[2] ?? '' }
    default:
      return variable(inner)
  }
}

/** `NAME`, or `NAME:-default`. A default that refers to something itself is not understood. */
function variable(text: string): Omit<Reference, 'source' | 'index'> {
  const [name = '', ...rest] = text.split(':-')
  if (!VARIABLE.test(name)) return unknown(text)
  if (rest.length === 0) return { kind: 'env', name }
  const fallback = rest.join(':-')
  return fallback.includes(`\${`) ? unknown(text) : { kind: 'env', name, fallback }
}

function unknown(name: string): Omit<Reference, 'source' | 'index'> {
  return { kind: 'unknown', name }
}
