import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

/** The code blocks of a page that are whole programs: they begin with an import. */
export async function programsOf(page: string): Promise<string[]> {
  const text = await Bun.file(join(root, page)).text()
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code ?? '')
    .filter((code) => code.startsWith('import'))
}

/** The programs that the front pages of the project and of its packages show, by the names they get as files. */
export async function readmePrograms(): Promise<Record<string, string>> {
  const [calculator = '', client = ''] = await programsOf('README.md')
  const [fromServer = ''] = await programsOf('packages/server/README.md')
  const [fromClient = ''] = await programsOf('packages/client/README.md')
  const [fromProtocol = ''] = await programsOf('packages/protocol/README.md')
  return {
    calculator,
    client,
    'server-package': fromServer,
    'client-package': fromClient,
    'protocol-package': fromProtocol,
  }
}

/** The settings of a strict TypeScript project that knows nothing of ours and checks our declarations too. */
export const strictProject = {
  compilerOptions: {
    module: 'NodeNext',
    target: 'ES2022',
    lib: ['ES2024', 'ESNext.Disposable', 'DOM'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: [],
    outDir: 'out',
  },
  files: ['calculator.ts', 'client.ts', 'server-package.ts', 'client-package.ts', 'protocol-package.ts'],
} as const
