import { findAll, isTest, type SourceFile, type Violation } from './source.ts'

/** A global's name where it is not a property, a key, a parameter's or a function's name. */
const globalNamed = (name: string): RegExp => new RegExp(String.raw`(?<![\w$.#-])${name}\b(?!\s*(?:\?\s*)?[:(]|-)`, 'g')

const globals: readonly [RegExp, string][] = [
  [globalNamed('Bun'), 'uses Bun'],
  [globalNamed('process'), 'uses process'],
  [globalNamed('Buffer'), 'uses Buffer'],
  [globalNamed('__dirname'), 'uses __dirname'],
  [/\bglobalThis\s*\??\.\s*(?:Bun|process|Buffer)\b/g, 'uses a global of one runtime'],
  [/\bglobalThis\s*\[/g, 'reaches for a global by a computed name'],
  [/\bimport\.meta\.(?:dir|dirname|file|filename|path|require|env|main)\b/g, 'uses import.meta of one runtime'],
  [/(?<![\w$.])require\s*\(/g, 'uses require'],
]

/** In the packages only files under `src/runtime/` know which runtime they are in. */
export function runtimeViolations(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => /^packages\/[^/]+\/src\/(?!runtime\/)/.test(path) && !isTest(path))
    .flatMap((file) => [
      ...file.imports
        .filter(({ specifier }) => /^(?:node:|bun:|bun$)/.test(specifier))
        .map(({ specifier, line }) => ({ path: file.path, line, message: `imports ${specifier}` })),
      ...globals.flatMap(([pattern, message]) => findAll(file, 'bare', pattern, message)),
    ])
}
