import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
  ListRootsResult,
} from '@bao-mcp/protocol'
import { type InputRequest, type JsonObject, type LogLevel, type Outcome, RpcError } from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import { type CallNotices, createCallNotices } from './call-notices.ts'
import type { ServedRequest } from './dispatch.ts'
import { ToolError } from './errors.ts'
import { type CapabilityName, capabilityFor, declarationOf, isDeclared, methodOf } from './rounds/capability.ts'
import { createDialogue, type Dialogue } from './rounds/dialogue.ts'
import { emptyMemory, type RoundMemory } from './rounds/memory.ts'

/** Each question a handler may ask, with what comes back. */
export interface Questions {
  'elicitation/create': { params: ElicitRequestParams; result: ElicitResult }
  'sampling/createMessage': { params: CreateMessageRequestParams; result: CreateMessageResult }
  'roots/list': { params?: JsonObject; result: ListRootsResult }
}

export type Question<M extends keyof Questions> = { method: M } & Pick<
  Questions[M],
  Extract<'params', keyof Questions[M]>
>

/** What a handler knows of the call it answers, and what it can do beside answering. The same in every revision. */
export interface CallContext {
  /** Who asks, with which capabilities. */
  readonly facts: RequestFacts
  /** Aborts when the client gives the call up or goes away, and when the handler ends to ask something. */
  readonly signal: AbortSignal
  /** What came back for {@link inputRequired}: the responses of this round and the handler's own state. */
  readonly round:
    | { readonly responses: Readonly<Record<string, JsonObject>>; readonly state: string | undefined }
    | undefined
  /** Reports progress, which must rise to be sent. Costs nothing when nobody asked for it. */
  progress(done: number, total?: number, message?: string): void
  /** Sends a log message to the client, if it wants messages of this level. */
  log(level: LogLevel, data: unknown, logger?: string): void
  /**
   * Asks the client. The first time it ends this run; the handler runs again from its start when the answer is there, so
   * side effects belong after it. Questions asked together travel together. Declining is an answer, not an error.
   * @param key names the question within this call
   * @throws {RpcError} -32021 when the client cannot be asked this, where the revision has that code
   * @throws {ToolError} naming the capability, where it has not
   */
  ask<M extends keyof Questions>(key: string, question: Question<M>): Promise<Questions[M]['result']>
  /** Whether the client can be asked this. */
  can(capability: CapabilityName): boolean
  /** Computes something once, however often the handler runs. The value must be JSON. */
  once<T>(key: string, compute: () => T | Promise<T>): Promise<T>
}

/** What a round brought back, as the handler's run needs it. */
export interface Recalled {
  memory: RoundMemory
  responses: Readonly<Record<string, JsonObject>>
}

/** One run of a handler. Everything that a plain call does not use is made on first use. */
export class CallRun implements CallContext {
  readonly #request: ServedRequest
  readonly #recalled: Recalled | undefined
  #memory: RoundMemory | undefined
  #notices: CallNotices | undefined
  #dialogue: Dialogue | undefined
  #controller: AbortController | undefined
  #asked = false

  constructor(request: ServedRequest, recalled: Recalled | undefined) {
    this.#request = request
    this.#recalled = recalled
    this.#memory = recalled?.memory
  }

  get facts(): RequestFacts {
    return this.#request.facts
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      const { signal } = this.#request.exchange
      if (signal.aborted) controller.abort(signal.reason)
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
      if (this.#asked) this.#abortToAsk()
    }
    return this.#controller.signal
  }

  get round(): CallContext['round'] {
    if (this.#recalled === undefined) return undefined
    return { responses: this.#recalled.responses, state: this.#recalled.memory.own }
  }

  progress(done: number, total?: number, message?: string): void {
    this.#notify().progress(done, total, message)
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    this.#notify().log(level, data, logger)
  }

  async ask<M extends keyof Questions>(key: string, question: Question<M>): Promise<Questions[M]['result']> {
    // proof: a question has a method and perhaps params, and nothing else
    const request = question as InputRequest
    const capability = capabilityFor(request.method, request.params)
    if (capability === undefined) throw new TypeError(`a client cannot be asked ${request.method}`)
    if (!this.can(capability)) throw this.#cannot(capability)
    // proof: recall() has checked that the answer is a result of its kind
    return (await this.#talk().ask(key, request)) as Questions[M]['result']
  }

  can(capability: CapabilityName): boolean {
    return this.facts.revision.inputs.has(methodOf(capability)) && isDeclared(this.facts.clientCapabilities, capability)
  }

  once<T>(key: string, compute: () => T | Promise<T>): Promise<T> {
    return this.#talk().once(key, compute)
  }

  /** The outcome of this run when questions are open, whatever the handler returned or threw. */
  unanswered(): Promise<Outcome> | undefined {
    return this.#dialogue?.unanswered()
  }

  askByHand(requests: { [key: string]: InputRequest }, state: string | undefined): Promise<Outcome> {
    for (const { method, params } of Object.values(requests)) {
      const capability = capabilityFor(method, params)
      if (capability === undefined) throw new TypeError(`a client cannot be asked ${method}`)
      if (!this.can(capability)) throw this.#cannot(capability)
    }
    return this.#talk().askByHand(requests, state)
  }

  #notify(): CallNotices {
    this.#notices ??= createCallNotices(this.#request.exchange, this.facts, this.#remember())
    return this.#notices
  }

  #talk(): Dialogue {
    this.#dialogue ??= createDialogue(this.#remember(), this.#request.keeperFor(this.#request), () => {
      this.#asked = true
      if (this.#controller !== undefined) this.#abortToAsk()
    })
    return this.#dialogue
  }

  #remember(): RoundMemory {
    this.#memory ??= emptyMemory()
    return this.#memory
  }

  #abortToAsk(): void {
    this.#controller?.abort(new DOMException('the handler waits for input and will run again', 'AbortError'))
  }

  #cannot(capability: CapabilityName): Error {
    const code = this.facts.revision.errorCode('missing_client_capability')
    const message = `the client has not declared the capability ${capability}`
    if (code === undefined) return new ToolError(message)
    return new RpcError(code, message, { requiredCapabilities: declarationOf(capability) })
  }
}
