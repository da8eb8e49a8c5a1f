const ENTRIES: Readonly<Record<string, string>> = {
  '@bao-mcp/client': 'connect to one server, or to many with the session manager',
  '@bao-mcp/client/auth': 'log in to a server: OAuth, client credentials, enterprise-managed, DPoP, workload identity',
  '@bao-mcp/client/config': "run the servers of a host's configuration file, watch it, lint it",
  '@bao-mcp/client/models': 'give tools to a model, and its calls back to the servers',
  '@bao-mcp/client/skills': 'list, verify and read the skills of a server',
  '@bao-mcp/client/tasks': 'call tools whose work outlives the call',
  '@bao-mcp/protocol': 'the messages of every revision as Zod schemas, and everything of the next two',
  '@bao-mcp/protocol/engine': 'JSON-RPC over any channel: what client and server are made of; loads no zod',
  '@bao-mcp/protocol/revisions': 'what the revisions say and how they differ, as values',
  '@bao-mcp/protocol/testing': 'memory channels, faults, a fake clock, recordings and their replay',
  '@bao-mcp/server': 'define a server, and serve it over stdio or any channel',
  '@bao-mcp/server/http': 'serve it over HTTP: handlers, hosts, authorization',
  '@bao-mcp/server/skills': 'offer skills',
  '@bao-mcp/server/tasks': 'let tools go on as tasks',
}

/**
 * The index of the reference.
 * @param pages file names of the other pages
 * @throws {Error} for a page that nothing is known of
 */
export function indexPage(pages: readonly string[]): string {
  const rows = [...pages].sort().map((page) => {
    const name = page.replace(/\.md$/, '').replaceAll(/^@bao-mcp\.|\./g, (dots) => (dots === '.' ? '/' : '@bao-mcp/'))
    const use = ENTRIES[name]
    if (use === undefined) throw new Error(`scripts/lib/api-index.ts does not say what ${name} is for`)
    return `| [\`${name}\`](${page}) | ${use} |`
  })
  return ['# Reference', '', '| import | to |', '| --- | --- |', ...rows, ''].join('\n')
}
