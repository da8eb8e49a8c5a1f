import type { Tool } from '@bao-mcp/protocol'
import type { ListOptions } from '../lists.ts'
import type { Entry } from './entry.ts'
import { isConnected, isUnderWay } from './state.ts'
import { untilAborted } from './until-aborted.ts'

/** A tool and the server it belongs to. */
export interface ServerTool {
  readonly server: string
  readonly tool: Tool
}

/** Tools of one server: those that are known, or else it is connected to and asked. */
export async function listTools({ supervisor, tools, calls }: Entry, options: ListOptions = {}): Promise<Tool[]> {
  const { signal, fresh = false } = options
  if (tools.judging !== undefined) await untilAborted(tools.judging, signal)
  if (fresh || tools.tools === undefined) {
    await calls.run(
      async (client) => {
        if (fresh || tools.tools === undefined) await untilAborted(tools.refresh(client), signal)
      },
      { signal, mayRepeat: () => true },
    )
  } else if (supervisor.state === 'quarantined' || supervisor.state === 'disabled') {
    return []
  }
  return [...(tools.tools ?? [])]
}

/**
 * Tools of all servers, in the order the servers were added. Nothing is started for it: a server whose tools are not
 * known, and that is not on its way, has none.
 */
export async function listAllTools(entries: Iterable<Entry>): Promise<ServerTool[]> {
  const all = await Promise.all(
    [...entries].map(async (entry) => {
      const { supervisor, tools, name } = entry
      await tools.judging
      if (tools.tools === undefined && isUnderWay(supervisor.state)) await entry.first
      const isUsable = supervisor.state !== 'quarantined' && supervisor.state !== 'disabled'
      const usable = isUsable && (isConnected(supervisor.state) || tools.tools !== undefined)
      return usable ? (tools.tools ?? []).map((tool): ServerTool => ({ server: name, tool })) : []
    }),
  )
  return all.flat()
}
