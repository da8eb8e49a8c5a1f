import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, tool } from '../../scripts/lib/commands.ts'
import { must } from '../../scripts/lib/must.ts'
import type { Consumer } from './consumer.ts'

/** How many types the compiler makes for a server with that many tools, in a project that has the packages installed. */
export async function typeCost({ folder }: Pick<Consumer, 'folder'>, tools: number): Promise<number> {
  const project = join(folder, `types-${tools}`)
  mkdirSync(project, { recursive: true })
  await Bun.write(join(project, 'server.ts'), serverWith(tools))
  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2024',
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
  }
  const lib = ['ES2024', 'ESNext.Disposable', 'DOM']
  const settings = { compilerOptions: { ...compilerOptions, lib }, files: ['server.ts'] }
  await Bun.write(join(project, 'tsconfig.json'), JSON.stringify(settings))
  const output = await must(tool('tsc', '-p', project, '--extendedDiagnostics'), root)
  const [, count] = /^Instantiations:\s+(\d+)$/m.exec(output) ?? []
  if (count === undefined) throw new Error(`the compiler counted no instantiations:\n${output}`)
  return Number(count)
}

/** Tools of four forms in turn, none like another in its names, the way hand-written ones are. */
function serverWith(tools: number): string {
  const forms = [
    (n: number) => `input: z.object({ text${n}: z.string() }), run: ({ text${n} }) => text${n}`,
    (n: number) => `input: z.object({ a${n}: z.number(), b: z.number().default(1) }),
  output: z.object({ sum${n}: z.number() }), run: ({ a${n}, b }) => ({ sum${n}: a${n} + b })`,
    (n: number) => `input: z.object({ id${n}: z.string(), tags: z.array(z.enum(['a', 'b'])).optional() }),
  async run({ id${n}, tags }, call) { call.progress(1, 2); return [{ type: 'text', text: id${n} + (tags ?? []).join() }] }`,
    (n: number) => `run: () => 'tool ${n}'`,
  ]
  const made = Array.from({ length: tools }, (_, n) => {
    return `const tool${n} = tool({ name: 'tool_${n}', ${forms[n % forms.length]?.(n) ?? ''} })`
  })
  const names = made.map((_, n) => `tool${n}`).join(', ')
  return `import { createServer, tool } from '@bao-mcp/server'
import { z } from 'zod'
${made.join('\n')}
export const server = createServer({ name: 'many', version: '1.0.0', tools: [${names}] })
export const used = [tool, z]
`
}
