import type { Client } from '../client.ts'
import type { RequestOptions } from '../progress.ts'
import type { Entry } from './entry.ts'
import { infoOf, type ServerInfo } from './info.ts'
import { listTools } from './list-tools.ts'
import { ManagerError } from './manager-error.ts'
import type { ServerManifest } from './server-config.ts'
import type { ServerState } from './state.ts'
import type { ManagedCall } from './tool-call.ts'

/** Verbs that read, and may be run twice. */
type Reads = Pick<
  Client,
  'listResources' | 'listResourceTemplates' | 'listPrompts' | 'readResource' | 'getPrompt' | 'complete' | 'ping'
>

/**
 * One server of a manager, with the verbs of a client. It stays the same over restarts; every verb waits for its turn,
 * starts the server where needed, and rejects with {@link ManagerError} when it was not sent.
 */
export interface ServerHandle extends Reads, Pick<Client, 'listTools' | 'listen'> {
  readonly name: string
  readonly state: ServerState
  info(): ServerInfo
  /** What to give as `manifest` the next time; undefined while nothing is known. */
  manifest(): ServerManifest | undefined
  callTool: ManagedCall
  /** Any other method as it is. Rejects for `tools/call`, which would slip past what decides about tools. */
  request: Client['request']
}

const CALL_TOOL = 'tools/call'

/** What decides about tools would not be asked. */
function bypass(server: string): ManagerError {
  const message = `${CALL_TOOL} cannot be requested of ${server}: callTool() does it, which asks allow, deny, approve and pinning`
  return new ManagerError('not_allowed', message, { server })
}

export function createHandle(entry: Entry): ServerHandle {
  const { name, supervisor, calls, standing } = entry

  function read<T>(act: (client: Client) => Promise<T>, options: RequestOptions | undefined): Promise<T> {
    return calls.run(act, { signal: options?.signal, mayRepeat: () => true })
  }

  return {
    name,
    get state() {
      return supervisor.state
    },
    info: () => infoOf(entry),
    manifest: entry.manifest,
    callTool: entry.callTool,
    listTools: (options) => listTools(entry, options),
    listResources: (options) => read((client) => client.listResources(options), options),
    listResourceTemplates: (options) => read((client) => client.listResourceTemplates(options), options),
    listPrompts: (options) => read((client) => client.listPrompts(options), options),
    readResource: (uri, options) => read((client) => client.readResource(uri, options), options),
    getPrompt: (prompt, args, options) => read((client) => client.getPrompt(prompt, args, options), options),
    complete: (ref, argument, context, options) =>
      read((client) => client.complete(ref, argument, context, options), options),
    ping: (options) => read((client) => client.ping(options), options),
    async request(method, params, options) {
      if (method === CALL_TOOL) throw bypass(name)
      return calls.run((client) => client.request(method, params, options), {
        signal: options?.signal,
        mayRepeat: () => false,
      })
    },
    // not in turn: it may stand for as long as the server does
    listen: async (wanted, handler, options) =>
      standing.listen(await supervisor.connection(options?.signal), wanted, handler, options),
  }
}
