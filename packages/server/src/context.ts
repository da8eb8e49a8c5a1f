import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
  ListRootsResult,
} from '@bao-mcp/protocol'
import {
  type Extended,
  type InputRequest,
  type InputRequests,
  type JsonObject,
  type LogLevel,
  type MaybePromise,
  type Outcome,
  type Round,
  RpcError,
  samplingFault,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import { type CallNotices, createCallNotices } from './call-notices.ts'
import type { ServedRequest } from './dispatch.ts'
import { ToolError } from './errors.ts'
import type { AuthInfo } from './http/auth/auth-info.ts'
import { type CapabilityName, capabilityFor, declarationOf, isDeclared, methodOf } from './rounds/capability.ts'
import { createDialogue, type Dialogue, type Recalled } from './rounds/dialogue.ts'
import { emptyMemory, type RoundMemory } from './rounds/memory.ts'
import { wayOf } from './way.ts'

/** Each question a handler may ask, with what comes back. */
export interface Questions {
  'elicitation/create': { params: ElicitRequestParams; result: ElicitResult }
  'sampling/createMessage': { params: CreateMessageRequestParams; result: CreateMessageResult }
  'roots/list': { params?: JsonObject; result: ListRootsResult }
}

/** A question to the client: its method and its parameters. */
export type Question<M extends keyof Questions> = { method: M } & Pick<
  Questions[M],
  Extract<'params', keyof Questions[M]>
>

/** What a handler knows of the call it answers, and what it can do beside answering. The same in every revision. */
export interface CallContext {
  /** Who asks, with which capabilities. */
  readonly facts: RequestFacts
  /** Who is authenticated as asking; undefined where nobody is, as on a pipe. */
  readonly auth: AuthInfo | undefined
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
  /**
   * Lets go of the connection of a long call where the client can come back for its answer; elsewhere it does nothing.
   * @param retryMs milliseconds after which the client should come back
   * @returns whether it was let go
   */
  releaseStream(retryMs?: number): boolean
  /** Computes something once, however often the handler runs. The value must be JSON. */
  once<T>(key: string, compute: () => T | Promise<T>): Promise<T>
}

/** What a run leaves to whoever goes on with its call. */
export interface HandOver {
  readonly memory: RoundMemory
  /** With this and the memory another run knows what the one before it knew. */
  readonly round: Round
}

/** Goes on with a call elsewhere, and tells its client how. */
export type Successor = (left: HandOver) => MaybePromise<Extended>

/**
 * One run of a handler. Everything that a plain call does not use is made on first use. Its functions are getters, so
 * that a handler may take them apart: `run(args, { progress, ask })`.
 */
export class CallRun implements CallContext {
  readonly #request: ServedRequest
  readonly #recalled: Recalled | undefined
  #memory: RoundMemory | undefined
  #notices: CallNotices | undefined
  #dialogue: Dialogue | undefined
  #controller: AbortController | undefined
  #successor: Successor | undefined
  /** Why this run is over although its call is not. */
  #over: string | undefined
  #ended = false

  constructor(request: ServedRequest, recalled: Recalled | undefined) {
    this.#request = request
    this.#recalled = recalled
    this.#memory = recalled?.memory
  }

  get facts(): RequestFacts {
    return this.#request.facts
  }

  get auth(): AuthInfo | undefined {
    return this.#request.auth
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      const { signal } = this.#request.exchange
      if (signal.aborted) controller.abort(signal.reason)
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
      this.#abortIfOver()
    }
    return this.#controller.signal
  }

  get round(): CallContext['round'] {
    if (this.#recalled === undefined) return undefined
    return { responses: this.#recalled.responses, state: this.#recalled.memory.own }
  }

  get progress(): CallContext['progress'] {
    return this.#tell().progress
  }

  get log(): CallContext['log'] {
    return this.#tell().log
  }

  get ask(): CallContext['ask'] {
    return (key, question) => {
      const answer = this.#ask(key, question)
      // a question nobody awaits still ends the run, so its rejection is not an accident
      answer.catch(() => undefined)
      return answer
    }
  }

  get can(): CallContext['can'] {
    return (capability) => this.#can(capability)
  }

  get once(): CallContext['once'] {
    return this.#talk().once
  }

  get releaseStream(): CallContext['releaseStream'] {
    return (retryMs) => wayOf(this.#request.exchange)?.release?.(retryMs) ?? false
  }

  /** The outcome of this run if questions are open, whatever the handler returned or threw; undefined when none was asked. */
  unanswered(): Promise<Outcome | undefined> | undefined {
    return this.#dialogue?.unanswered()
  }

  /** What the call is about: for code that goes on with it, not for handlers. */
  get request(): ServedRequest {
    return this.#request
  }

  /**
   * Ends this run, unless it has open questions: those come first. The rejection is for the handler, and nothing that the
   * handler makes of it counts.
   */
  handOver(successor: Successor): Promise<never> {
    this.#successor ??= successor
    this.#end('the handler goes on elsewhere and will run again')
    const ended = Promise.reject(new Error(this.#over))
    // as with a question, one that nobody awaits still ends the run
    ended.catch(() => undefined)
    return ended
  }

  /** How the call goes on elsewhere; undefined when nothing took it over. */
  handedOver(): Promise<Extended> | undefined {
    const successor = this.#successor
    return successor === undefined ? undefined : this.#goOn(successor)
  }

  /** @throws what `ask` rejects with, for the first question that cannot be asked */
  askByHand(requests: InputRequests, state: string | undefined): Promise<Outcome> {
    for (const request of Object.values(requests)) this.#mustBeAskable(request)
    return this.#talk().askByHand(requests, state)
  }

  async #ask<M extends keyof Questions>(key: string, question: Question<M>): Promise<Questions[M]['result']> {
    // proof: a question has a method and perhaps params, and nothing else
    const request = question as InputRequest
    this.#mustBeAskable(request)
    // proof: recall() has checked that the answer is a result of this method
    return (await this.#talk().ask(key, request)) as Questions[M]['result']
  }

  #can(capability: CapabilityName): boolean {
    return this.facts.revision.inputs.has(methodOf(capability)) && isDeclared(this.facts.clientCapabilities, capability)
  }

  #mustBeAskable({ method, params }: InputRequest): void {
    const capability = capabilityFor(method, params)
    if (capability === undefined) throw new TypeError(`a client cannot be asked ${JSON.stringify(method)}`)
    if (!this.#can(capability)) throw this.#cannot(capability)
    const fault = Array.isArray(params?.messages) ? samplingFault(params.messages) : undefined
    if (fault !== undefined) throw new TypeError(`a client cannot be asked ${method}: ${fault}`)
  }

  #tell(): CallNotices {
    if (this.#notices === undefined) {
      this.#notices = createCallNotices(this.#request.exchange, this.facts, this.#remember())
      if (this.#ended) this.#notices.end()
    }
    return this.#notices
  }

  #talk(): Dialogue {
    this.#dialogue ??= createDialogue(this.#remember(), this.#request.keeperFor(this.#request), {
      onAsk: () => this.#end('the handler waits for input and will run again'),
      onEnd: () => this.#quiet(),
    })
    return this.#dialogue
  }

  async #goOn(successor: Successor): Promise<Extended> {
    this.#quiet()
    await this.#dialogue?.computed()
    const { responses = {}, asked = {} } = this.#recalled ?? {}
    return successor({ memory: { ...this.#remember(), asked }, round: { responses: { ...responses }, state: '' } })
  }

  /** The handler will run again, and only that run may report from then on. */
  #quiet(): void {
    this.#ended = true
    this.#notices?.end()
  }

  #remember(): RoundMemory {
    this.#memory ??= emptyMemory()
    return this.#memory
  }

  #end(why: string): void {
    this.#over ??= why
    this.#abortIfOver()
  }

  #abortIfOver(): void {
    if (this.#over !== undefined) this.#controller?.abort(new DOMException(this.#over, 'AbortError'))
  }

  #cannot(capability: CapabilityName): Error {
    const code = this.facts.revision.errorCode('missing_client_capability')
    const message = `the client has not declared the capability ${capability}`
    if (code === undefined) return new ToolError(message)
    return new RpcError(code, message, { requiredCapabilities: declarationOf(capability) })
  }
}
