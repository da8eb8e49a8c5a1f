import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { createServer, forMethod, type Middleware, type Server, type ServerLog } from '@bao-mcp/server'
import { ABOUT } from '../about.ts'
import { JiraApiError } from '../jira/errors.ts'
import type { JiraPort } from '../jira/port.ts'
import type { Flags } from './flags.ts'
import { createIssueKeys } from './issue-keys.ts'
import { applyOffer, isSwitchedOn, PERMISSIONS, type Permitted, readingTools } from './offer.ts'
import { bridgePrompts } from './prompts.ts'
import { issueResources } from './resources.ts'
import { commentTools } from './tools/comments.ts'
import { issueTools } from './tools/issues.ts'
import { projectTools } from './tools/projects.ts'
import { searchTools } from './tools/search.ts'
import { transitionTools } from './tools/transitions.ts'
import { userTools } from './tools/users.ts'
import { whileOffered } from './while-offered.ts'

export interface BridgeOptions {
  jira: JiraPort
  flags: Flags
  log: Pick<ServerLog, 'info' | 'warning'>
  clock?: Clock
  /** Milliseconds a list waits to learn what the account may do, before it shows everything. Default 3 s. */
  permissionWaitMs?: number
}

export interface Bridge {
  readonly server: Server
  /** Offers what these flags say from now on; clients hear of it. */
  setFlags(flags: Flags): void
  /** Asks Jira again what the account may do. Never rejects: where Jira does not say, everything stays offered. */
  askPermissions(): Promise<void>
}

const DEFAULT_PERMISSION_WAIT_MS = 3_000
const LISTS = ['tools/list', 'prompts/list', 'resources/templates/list'] as const
const INSTRUCTIONS = `Jira, read and written by its issues.
Find issues with jira_search_issues (JQL, always bounded, as by a project) and read one with jira_get_issue.
Before creating: jira_list_issue_types. Before moving: jira_get_transitions. People go by account id: jira_find_users.
All texts are Markdown. Writes take dryRun, which shows the request and sends nothing; tools that are not listed are switched off or not permitted.`

/** The MCP server of one Jira, with what its flags and its account's permissions allow. */
export function createBridge(options: BridgeOptions): Bridge {
  const { log, clock = systemClock, permissionWaitMs = DEFAULT_PERMISSION_WAIT_MS } = options
  let flags = options.flags
  const jira = whileOffered(options.jira, (name) => isSwitchedOn(name, { flags, isRead: false }))
  const keys = createIssueKeys(jira, { clock })
  let permitted: Permitted = {}
  let asking: Promise<void> | undefined

  /** A first list that shows what is not permitted would be taken at its word. */
  const afterPermissions: Middleware[] = LISTS.map((method) =>
    forMethod(method, (request, next) => (asking === undefined ? next(request) : asking.then(() => next(request)))),
  )
  const tools = [searchTools, issueTools, transitionTools, commentTools, projectTools, userTools].flatMap((make) =>
    make(jira),
  )
  const reads = readingTools(tools)
  const server = createServer({
    ...ABOUT,
    title: 'Jira',
    instructions: INSTRUCTIONS,
    tools,
    prompts: bridgePrompts(jira, keys),
    resourceTemplates: issueResources(jira, keys, log),
    middleware: afterPermissions,
  })
  applyOffer(server, { flags, permitted, reads })

  async function learn(): Promise<void> {
    try {
      permitted = (await jira.permissions(PERMISSIONS, {})) ?? {}
      applyOffer(server, { flags, permitted, reads })
    } catch (error) {
      const why = error instanceof JiraApiError ? error.message : 'something unexpected happened'
      log.warning(`what this account may do could not be learned, so no tool is hidden: ${why}`)
    }
  }

  return {
    server,
    setFlags(next) {
      flags = next
      applyOffer(server, { flags, permitted, reads })
    },
    askPermissions() {
      const learned = learn()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancel = clock.after(permissionWaitMs, resolve)
      const waiting = Promise.race([learned, late]).finally(() => {
        cancel()
        if (asking === waiting) asking = undefined
      })
      asking = waiting
      return learned
    },
  }
}
