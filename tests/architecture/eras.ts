import { findAll, isTest, type SourceFile, type Violation } from './source.ts'

/** Where knowing a date or an era is the job. */
const owners = /^packages\/[^/]+\/src\/(?:.*\/)?(?:eras|revisions)\//
/** Where dates are data: nothing is decided there. */
const catalogues = /^packages\/[^/]+\/src\/(?:.*\/)?(?:shapes\/catalogue|testing)\//

const equals = String.raw`\s*[!=]==?(?!=)\s*`
const era = String.raw`(['"\`])(?:legacy|modern)\1`
/** `typeof version === 'string'` and `version !== undefined` ask whether there is a version, not which. */
const presence = String.raw`(?!\s*(?:undefined|null)\b)`
const versionName = String.raw`(?:[\w$]*(?:protocol|negotiated|revision|mcp)\.?_?version|version)`
const dated = String.raw`['"\`](?:20)?\d`

const decisions: readonly [RegExp, string][] = [
  [new RegExp(`${equals}${era}`, 'g'), 'compares with an era'],
  [new RegExp(`${era}${equals}`, 'g'), 'compares with an era'],
  [new RegExp(String.raw`\bcase\s+${era}`, 'g'), 'branches on an era'],
  [/\bswitch\s*\(\s*(?:[\w$]+\??\.)*(?:era|(?:protocol)?version)\s*\)/gi, 'branches on an era or a version'],
  [new RegExp(String.raw`\[\s*${era}[^\]]*\]\s*\.\s*(?:includes|indexOf)\b`, 'g'), 'compares with an era'],
  [new RegExp(String.raw`\bera\b${equals}${presence}`, 'g'), 'compares an era'],
  [new RegExp(String.raw`${equals}(?:[\w$]+\??\.)*era\b(?!\s*\()`, 'g'), 'compares an era'],
  [
    new RegExp(
      String.raw`(?<!typeof\s+(?:[\w$]+\??\.)*)\b(?:[\w$]*(?:protocol|negotiated|revision|mcp)version|revision\??\.version)(?:${equals}|\s+[<>]=?\s+)${presence}`,
      'gi',
    ),
    'compares a version',
  ],
  [new RegExp(String.raw`\b${versionName}(?:${equals}|\s+[<>]=?\s+)${dated}`, 'gi'), 'compares a version'],
  [
    new RegExp(String.raw`${dated}[\w.-]*['"\`](?:${equals}|\s+[<>]=?\s+)(?:[\w$]+\??\.)*${versionName}\b`, 'gi'),
    'compares a version',
  ],
  [/\b(?:[\w$]*protocol)?version\s*\.\s*(?:startsWith|localeCompare|match)\b/gi, 'compares a version'],
]

/**
 * Outside `eras/` and `revisions/` no code decides by a version or an era. Naming the type `Era`, passing a version
 * through, and asking whether one is there stay allowed.
 */
export function eraViolations(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => /^packages\/[^/]+\/src\//.test(path) && !isTest(path) && !owners.test(path))
    .flatMap((file) => [
      ...decisions.flatMap(([pattern, message]) => findAll(file, 'code', pattern, message)),
      ...(catalogues.test(file.path)
        ? []
        : findAll(file, 'code', /(?<!\d)20\d\d-\d\d-\d\d(?!\d)/g, 'names a dated revision')),
    ])
}
