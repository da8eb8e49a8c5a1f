import { join } from 'node:path'
import { published } from './pack.ts'

/** A version that stands in a source, because what runs there tells it to others. */
interface ToldVersion {
  /** Relative to the checkout. */
  file: string
  /** What stands before it; it ends with the quote behind it. */
  after: RegExp
  /** The packages whose highest version it is. */
  of: readonly string[]
}

// An app's bundle holds code of the packages and is released with them. Packages that stay behind keep their version, so
// the highest is the one that each release raises.
const told: readonly ToldVersion[] = [
  { file: 'packages/client/src/connect.ts', after: /name: '@bao-mcp\/client', version: '/, of: ['client'] },
  { file: 'apps/echo/src/echo.ts', after: /name: 'echo',\s+version: '/, of: published },
  { file: 'apps/jira-bridge/src/about.ts', after: /name: 'jira-bridge',\s+version: '/, of: published },
]

/** The sources that tell a version, as they have to be for what the packages in `from`, a checkout, have now. */
export async function withVersions(from: string): Promise<{ file: string; text: string; version: string }[]> {
  return Promise.all(
    told.map(async ({ file, after, of }) => {
      const version = await highest(from, of)
      const source = await Bun.file(join(from, file)).text()
      const literal = new RegExp(`(${after.source})[^']+'`)
      if (!literal.test(source)) throw new Error(`${file} does not tell a version any more`)
      return { file, version, text: source.replace(literal, `$1${version}'`) }
    }),
  )
}

async function highest(from: string, packages: readonly string[]): Promise<string> {
  const versions = packages.map(async (name) => {
    const { version }: { version: string } = await Bun.file(join(from, 'packages', name, 'package.json')).json()
    return version
  })
  return (await Promise.all(versions)).sort(Bun.semver.order).at(-1) ?? ''
}
