/** How to start this server from anywhere, as hosts write it down. */
export interface Launch {
  command: string
  args: string[]
}

/** A Bun that npx has put into its cache is gone when the cache is cleaned, so that is started through npx again. */
export function lasting({ command, args }: Launch): Launch {
  if (!/[\\/]_npx[\\/]/.test(command)) return { command, args }
  return { command: 'npx', args: ['--yes', '--allow-scripts=bun', 'bun@1.4.5', ...args] }
}

/**
 * What a person reads who starts the server in a terminal: what it is, and how the usual hosts register it.
 * @param paint marks headings; the identity where there is no colour
 */
export function registrationHint({ command, args }: Launch, paint: (text: string) => string): string {
  const server = { command, args }
  const shell = [command, ...args].map(quoted).join(' ')
  return `${paint('echo')} is a Model Context Protocol server. It reads JSON-RPC from stdin and answers on stdout, so it wants
a client on the other end. To see it talk, run: bun run demo

${paint('Claude Code')}, in a shell:
  claude mcp add echo -- ${shell}

${paint('Claude Code')}, in .mcp.json, and ${paint('Cursor')}, in .cursor/mcp.json:
  ${JSON.stringify({ mcpServers: { echo: server } })}

${paint('VS Code')}, in .vscode/mcp.json:
  ${JSON.stringify({ servers: { echo: { type: 'stdio', ...server } } })}

Waiting for a client on stdin; Ctrl-D stops it.
`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
