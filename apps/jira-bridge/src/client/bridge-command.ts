import { fileURLToPath } from 'node:url'
import type { StdioServer } from '@bao-mcp/client'

/** Variables the bridge is told by; a server of somebody else gets none of them unless it is said so. */
export const BRIDGE_VARIABLES: readonly string[] = ['JIRA_*']

/** How this project's bridge is started over stdio, on the runtime that runs this process. */
export function bridgeCommand(): Pick<StdioServer, 'command' | 'args' | 'inheritEnv'> {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL('../main.ts', import.meta.url))],
    inheritEnv: BRIDGE_VARIABLES,
  }
}
