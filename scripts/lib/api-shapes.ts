import { basename } from 'node:path'

interface Shape {
  name: string
  sentence: string
  /** Where the specification describes it. */
  see: string | undefined
}

/**
 * The page of `@bao-mcp/protocol`: its message schemas, one line each. Their types, written out, would be longer than the
 * specification.
 * @param files the modules of the schemas
 */
export function shapesPage(files: readonly { path: string; text: string }[]): string {
  const tables = files
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ path, text }) => ({ title: basename(path, '.ts'), path, shapes: shapesOf(text) }))
    .filter(({ shapes }) => shapes.length > 0)
    .map(({ title, path, shapes }) => `## ${title}\n\nIn [${path}](../../${path}).\n\n${table(shapes)}\n`)
  return `${[intro, ...tables].join('\n')}`
}

const intro = `# @bao-mcp/protocol

Everything in [@bao-mcp/protocol/engine](@bao-mcp.protocol.engine.md) and
[@bao-mcp/protocol/revisions](@bao-mcp.protocol.revisions.md), and the messages of every revision as Zod schemas. Each schema has a type
of the same name. \`catalogues\` holds, for each revision, which of them it knows and how it differs. This entry loads zod; the other
two do not.
`

/** Schemas with the docstring above them. */
export function shapesOf(text: string): Shape[] {
  const documented = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export const (\w+)\b/g
  return [...text.matchAll(documented)].map(([, comment = '', name = '']) => {
    const words = comment.replaceAll(/^\s*\* ?/gm, '').trim()
    const [sentence = '', see] = words.split(/@see\s+/)
    return { name, sentence: sentence.replaceAll(/\s+/g, ' ').trim(), see: see?.trim().split(/\s/)[0] }
  })
}

function table(shapes: readonly Shape[]): string {
  const rows = shapes.map(({ name, sentence, see }) => {
    const shown = see === undefined ? `\`${name}\`` : `[\`${name}\`](${see})`
    return `| ${shown} | ${sentence.replaceAll('|', '\\|')} |`
  })
  return ['| schema | what it is |', '| --- | --- |', ...rows].join('\n')
}
