/** How to start this server from anywhere, as hosts write it down. */
export interface Launch {
  command: string
  args: string[]
}

/**
 * What a person reads who starts the server in a terminal: what it is, and how the usual hosts register it.
 * @param paint marks headings; the identity where there is no colour
 */
export function registrationHint({ command, args }: Launch, paint: (text: string) => string): string {
  const server = { command, args }
  const shell = [command, ...args].map(quoted).join(' ')
  return `${paint('echo')} is a Model Context Protocol server. It reads JSON-RPC from stdin and answers on stdout,
so it wants a client on the other end; press Ctrl-D to stop it. To see it talk, run: bun run demo

${paint('Claude Code')}, in a shell:
  claude mcp add echo -- ${shell}

${paint('Claude Code')}, in .mcp.json:
${indented({ mcpServers: { echo: server } })}

${paint('VS Code')}, in .vscode/mcp.json:
${indented({ servers: { echo: { type: 'stdio', ...server } } })}

${paint('Cursor')}, in .cursor/mcp.json:
${indented({ mcpServers: { echo: server } })}
`
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/^/gm, '  ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
