import type { HeaderLookup } from '../header-value.ts'
import type { JsonObject, Notice } from '../jsonrpc/message.ts'
import type { LogLevel } from '../names.ts'
import type { CacheHint, Extended, InputRequest, Outcome, Round } from '../outcome.ts'
import type { Implementation } from '../shapes/base.ts'
import type { ClientCapabilities } from '../shapes/capabilities.ts'
import type { Prompt } from '../shapes/prompts.ts'
import type { Resource, ResourceTemplate } from '../shapes/resources.ts'
import type { Tool } from '../shapes/tools.ts'

/** Who sends a request or a notification. */
export type Direction = 'client' | 'server' | 'both'

/** What a revision says of one request. */
export interface MethodRow {
  direction: Direction
  /** May end with `input_required` instead of a result. */
  asksForInput?: true
  /** Its complete result carries cache hints. */
  cacheable?: true
}

/** The requests of a revision by method. */
export type MethodTable = ReadonlyMap<string, MethodRow>
/** The notifications of a revision by method, and who may send them. */
export type NoticeTable = ReadonlyMap<string, Direction>

/** Who asks, and how they want to be answered. Made at the edge for every request; never kept behind it. */
export interface RequestFacts {
  readonly revision: Revision
  readonly clientCapabilities: ClientCapabilities
  readonly clientInfo: Implementation | undefined
  /** Least severe level that is wanted; undefined when no log messages are. */
  readonly logLevel: LogLevel | undefined
  /** Token the request's progress is reported under; undefined when nobody wants to know. */
  readonly progressToken: string | number | undefined
}

/** What a client says of itself with each request, or once. */
export interface ClientIdentity {
  info: Implementation
  capabilities: ClientCapabilities
  logLevel?: LogLevel | undefined
}

/** What a server says of itself with each result, or once. */
export interface ServerIdentity {
  info: Implementation
}

/** The kinds of errors whose codes differ between revisions. */
export type ErrorKind = 'resource_not_found' | 'missing_client_capability'

/** How a revision's messages travel over HTTP. Header names are those of the specification, in its spelling. */
export interface HttpBinding {
  /**
   * Server: the status of an answer that carries a JSON-RPC error, by its code. A code says the same in every place but
   * one: malformed metadata has the code of other invalid params, and the status of {@link malformedStatus}.
   */
  statusOf(code: number): number
  /** Server: the status of the answer to what is no well-formed request of the revision. */
  readonly malformedStatus: number
  /**
   * Server: whether the headers of a request say what its body says. Of a body without the name a header repeats, only
   * the header's absence is told here; the rest is for who reads the params.
   * @param names method to the member of its params that `Mcp-Name` repeats, for the methods of extensions
   * @throws {RpcError} -32020 naming the header, what was expected and what came
   */
  checkHeaders(request: Notice, headers: HeaderLookup, names?: ReadonlyMap<string, string>): void
  /**
   * Client: the headers that go with a message besides those of the transport.
   * @param names as for {@link checkHeaders}
   * @throws {TypeError} when a name cannot be written in a header
   */
  headersOf(request: Notice, names?: ReadonlyMap<string, string>): Readonly<Record<string, string>>
  /** Whether a stream of events opens with an id and no data, so that it can be resumed before anything came. */
  readonly primesStreams: boolean
  /** Whether a stream that broke off may be continued behind the last event that came. */
  readonly resumesStreams: boolean
}

/**
 * One dated wire vocabulary: what the bytes look like. A pure value, without I/O and without state; shared code asks it
 * and never asks which one it is.
 */
export interface Revision {
  /** The protocol version string, such as `2025-11-25`. */
  readonly version: string
  readonly requests: MethodTable
  readonly notices: NoticeTable
  /** Methods a handler may ask the client for, as requests of the server's own or inside input rounds. */
  readonly inputs: ReadonlySet<string>
  /** Whether arrays of messages are part of it. */
  readonly batches: boolean
  /** Client: the params as they are sent, with the metadata each request carries. */
  attach(params: JsonObject | undefined, identity: ClientIdentity): JsonObject | undefined
  /**
   * Server: the facts a request brings along, over those its conversation remembers.
   * @throws {RpcError} -32602 when required metadata is missing or malformed
   */
  lift(params: JsonObject | undefined, remembered: RequestFacts | undefined): RequestFacts
  /** Server: an outcome as the result object of its method. */
  encode(method: string, outcome: Outcome | Extended, identity: ServerIdentity, cache?: CacheHint): JsonObject
  /** Server: a tool as it is listed; members the revision does not know are left out, others are adapted. */
  encodeTool(tool: Tool): Tool
  /** Server: likewise a resource, or a template of resources. */
  encodeResource<R extends Resource | ResourceTemplate>(resource: R): R
  /** Server: likewise a prompt. */
  encodePrompt(prompt: Prompt): Prompt
  /**
   * Server: a question as the revision words it.
   * @param unique a text that no other question has, where the revision names each
   * @throws {RpcError} -32603 for a question it has no words for
   */
  encodeInput(request: InputRequest, unique: string): InputRequest
  /**
   * Client: the answer to a question as the revision words it.
   * @throws {RpcError} -32603 for an answer it has no words for
   */
  encodeAnswer(method: string, result: JsonObject): JsonObject
  /**
   * Client: the outcome a result object stands for.
   * @throws {InvalidResultError} when it stands for none
   */
  decode(method: string, result: JsonObject): Outcome
  /** Client: the same params with what the next round brings back. */
  resume(params: JsonObject | undefined, round: Round): JsonObject
  /** Server: the round a request's params bring back; undefined on the first run. */
  round(params: JsonObject | undefined): Round | undefined
  /** Undefined where the revision has no code of its own for it. */
  errorCode(kind: ErrorKind): number | undefined
  /** Server: whether a handler may answer with this error. Codes with a meaning of their own are not free for others. */
  admitsError(error: { readonly code: number; readonly data: unknown }): boolean
  /** Whether a result tells its kind, so that extensions may add kinds. */
  readonly resultTypes: boolean
  readonly http: HttpBinding
}
