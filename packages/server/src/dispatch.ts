import {
  type Exchange,
  type Extended,
  type JsonObject,
  type MaybePromise,
  METHOD_NOT_FOUND,
  type Outcome,
  type Round,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts, Revision } from '@bao-mcp/protocol/revisions'
import { admitting } from './dispatch-errors.ts'
import type { AuthInfo } from './http/auth/auth-info.ts'
import { callTool } from './registry/call-tool.ts'
import { completeArgument } from './registry/complete.ts'
import { getPrompt } from './registry/get-prompt.ts'
import { listResources } from './registry/list-resources.ts'
import { readResource } from './registry/read-resource.ts'
import type { MemoryKeeper } from './rounds/memory.ts'
import type { Offer, Server } from './server.ts'
import type { Serving } from './serving.ts'

/** One request for a feature, with everything that was told apart at the edge. */
export interface ServedRequest {
  readonly method: string
  readonly params: JsonObject | undefined
  readonly facts: RequestFacts
  readonly exchange: Exchange
  /** Who asks, where requests are authenticated. */
  readonly auth: AuthInfo | undefined
  /** What the client brought back; undefined on the first run. */
  readonly round: Round | undefined
  readonly serving: Serving
  /** Where this request's memory goes between rounds; the same keeper for all runs of a request. */
  keeperFor(request: ServedRequest): MemoryKeeper
}

type Feature = (request: ServedRequest) => MaybePromise<Outcome | Extended>

const features: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['tools/list', ({ serving, facts, params }) => serving.server.tools.list(facts.revision, params?.cursor)],
  ['tools/call', (request) => callTool(request.serving.server.tools, request)],
  [
    'resources/list',
    offered('resources', (request) =>
      admitting(request.facts.revision, () => listResources(request.serving.server.resources, request)),
    ),
  ],
  [
    'resources/templates/list',
    offered('resources', ({ serving, facts, params }) =>
      serving.server.resources.templates.list(facts.revision, params?.cursor),
    ),
  ],
  [
    'prompts/list',
    offered('prompts', ({ serving, facts, params }) => serving.server.prompts.list(facts.revision, params?.cursor)),
  ],
  ['prompts/get', offered('prompts', (request) => getPrompt(request.serving.server.prompts, request))],
  [
    'completion/complete',
    offered('completions', (request) => admitting(request.facts.revision, () => completeArgument(request))),
  ],
  ['resources/read', offered('resources', (request) => readResource(request.serving.server.resources, request))],
])

/** A feature whose methods are unknown to a server that does not offer it. */
function offered(offer: Offer, feature: Feature): Feature {
  return (request) => {
    if (request.serving.server.offers(offer)) return feature(request)
    throw unknownMethod(request.method, request.facts.revision.version)
  }
}

/**
 * Answers a request for a feature, in this tick when its handler does. It knows no revision: what differs between them is
 * in the facts, and its era has made sure that the method is part of the request's revision.
 * @throws {RpcError} -32601 for a method that is not served
 */
export function dispatch(request: ServedRequest): MaybePromise<Outcome | Extended> {
  const { method, facts } = request
  const feature = features.get(method)
  if (feature !== undefined) return feature(request)
  const added = request.serving.server.extensions.method(method, facts.revision)
  if (added === undefined) throw unknownMethod(method, facts.revision.version)
  return admitting(facts.revision, () => added.answer(request))
}

/** Whether a method is part of a revision, as the revision's own or by an extension of this server. */
export function isKnownMethod({ extensions }: Server, method: string, revision: Revision): boolean {
  return revision.requests.has(method) || extensions.method(method, revision) !== undefined
}

export function unknownMethod(method: string, version: string): RpcError {
  return new RpcError(
    METHOD_NOT_FOUND,
    `method not found in ${version}: ${method.length > 100 ? shown(method) : method}`,
  )
}
