import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  Root,
} from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject, type MaybePromise, samplingFault } from '@bao-mcp/protocol/engine'
import { fillForm } from './form.ts'
import { InputError } from './input-error.ts'
import { guarded } from './listeners.ts'
import type { InputCall, Inputs } from './session.ts'

/**
 * Shows a form to the user. Declining and cancelling are values of `action`. Defaults of the form are added to accepted
 * content, which is checked against the form before it is sent.
 */
export type FormHandler = (form: ElicitRequestFormParams, call: InputCall) => MaybePromise<ElicitResult>

/**
 * Asks the user for consent to open a page. Nothing of it may be fetched before; `accept` says that it was opened, not
 * that anything was done there.
 */
export type UrlHandler = (page: ElicitRequestURLParams, call: InputCall) => MaybePromise<ElicitResult>

/**
 * Hears that what a page was opened for is done, where the server tells.
 * @param elicitationId that of a page the user consented to open
 */
export type UrlDone = (elicitationId: string) => void

/** Has the user's model write a message, or says that the user refused. */
export type SamplingHandler = (
  ask: CreateMessageRequestParams,
  call: InputCall,
) => MaybePromise<CreateMessageResult | 'declined'>

/** Tells the places the client works in, as `file://` URIs. */
export type RootsHandler = (call: InputCall) => MaybePromise<readonly Root[]>

/** Who answers what a server asks. The presence of a handler is the capability that is declared. */
export interface InputHandlers {
  /** A function handles forms; for pages give `{ form?, url?, urlDone? }`. */
  elicitation?: FormHandler | { form?: FormHandler; url?: UrlHandler; urlDone?: UrlDone }
  /** A function samples without tools; for tools or the context of servers give `{ create, tools?, context? }`. */
  sampling?: SamplingHandler | { create: SamplingHandler; tools?: boolean; context?: boolean }
  roots?: RootsHandler | readonly Root[]
}

type Answerer = (params: JsonObject, call: InputCall) => MaybePromise<JsonObject>

const ELICITATION = 'elicitation/create'
const SAMPLING = 'sampling/createMessage'
const ROOTS = 'roots/list'
const URL_DONE = 'notifications/elicitation/complete'
/** Pages that are remembered until they are done; the oldest is forgotten first. */
const MAX_OPEN_PAGES = 1_000

/** Puts handlers behind the one question both eras ask of them. */
export function createInputs(on: InputHandlers = {}): Inputs {
  const answerers = new Map<string, Answerer>()
  const capabilities: ClientCapabilities = {}
  /** Ids of the pages that were opened and are not done. */
  const openPages = new Set<string>()
  let urlDone: UrlDone | undefined

  if (on.elicitation !== undefined) {
    const elicitation = typeof on.elicitation === 'function' ? { form: on.elicitation } : on.elicitation
    const { form, url } = elicitation
    urlDone = elicitation.urlDone
    if (form !== undefined || url !== undefined) {
      capabilities.elicitation = { ...(form !== undefined && { form: {} }), ...(url !== undefined && { url: {} }) }
      answerers.set(ELICITATION, (params, call) =>
        params.mode === undefined || params.mode === 'form'
          ? answerForm(form, params, call)
          : answerUrl(url, params, call).then((result) => {
              if (result.action === 'accept') remember(params.elicitationId)
              return result
            }),
      )
    }
  }
  if (on.sampling !== undefined) {
    const sampling = typeof on.sampling === 'function' ? { create: on.sampling } : on.sampling
    const { create, tools = false, context = false } = sampling
    capabilities.sampling = { ...(tools && { tools: {} }), ...(context && { context: {} }) }
    answerers.set(SAMPLING, (params, call) => answerSampling(create, tools, params, call))
  }
  if (on.roots !== undefined) {
    const { roots } = on
    capabilities.roots = {}
    answerers.set(ROOTS, async (_params, call) => answerRoots(typeof roots === 'function' ? await roots(call) : roots))
  }

  function remember(id: unknown): void {
    if (typeof id !== 'string' || urlDone === undefined) return
    openPages.add(id)
    for (const oldest of openPages) {
      if (openPages.size <= MAX_OPEN_PAGES) break
      openPages.delete(oldest)
    }
  }

  const onUrlDone = guarded((id: string) => urlDone?.(id))

  return {
    capabilities,
    hear({ method, params }) {
      if (method !== URL_DONE) return
      // "clients MUST ignore notifications referencing unknown or already-completed IDs"
      const id = params?.elicitationId
      if (typeof id === 'string' && openPages.delete(id)) onUrlDone(id)
    },
    async answer(method, params, call) {
      const answerer = answerers.get(method)
      if (answerer === undefined) throw new InputError('undeclared', method, 'this client declared no such capability')
      try {
        return await answerer(params ?? {}, call)
      } catch (cause) {
        if (cause instanceof InputError) throw cause
        throw new InputError('handler_failed', method, 'the handler failed', { cause })
      }
    },
  }
}

async function answerForm(form: FormHandler | undefined, params: JsonObject, call: InputCall): Promise<JsonObject> {
  if (form === undefined) throw invalid(ELICITATION, 'this client did not declare the mode "form"')
  const { requestedSchema: schema } = params
  if (!isJsonObject(schema) || !isJsonObject(schema.properties) || typeof params.message !== 'string') {
    throw invalid(ELICITATION, 'a form needs a message and a requestedSchema with properties')
  }
  // proof: the required members were just checked; whatever stands in single fields, fillForm looks at
  const result = await form(params as ElicitRequestFormParams, call)
  if (result.action !== 'accept') return withoutContent(result)
  const { content, issues } = fillForm(schema, result.content ?? {})
  if (issues.length > 0) {
    throw new InputError('invalid_answer', ELICITATION, `the content does not fit the form: ${issues.join('; ')}`, {
      issues,
    })
  }
  return { ...result, content }
}

async function answerUrl(url: UrlHandler | undefined, params: JsonObject, call: InputCall): Promise<JsonObject> {
  if (url === undefined || params.mode !== 'url') {
    throw invalid(ELICITATION, `this client did not declare the mode ${JSON.stringify(params.mode)}`)
  }
  if (typeof params.message !== 'string' || typeof params.url !== 'string' || !URL.canParse(params.url)) {
    throw invalid(ELICITATION, 'a page needs a message and a valid url')
  }
  // proof: the required members were just checked
  return withoutContent(await url(params as unknown as ElicitRequestURLParams, call))
}

async function answerSampling(
  create: SamplingHandler,
  tools: boolean,
  params: JsonObject,
  call: InputCall,
): Promise<JsonObject> {
  if (!Array.isArray(params.messages) || typeof params.maxTokens !== 'number') {
    throw invalid(SAMPLING, 'it needs messages and maxTokens')
  }
  if (!tools && (params.tools !== undefined || params.toolChoice !== undefined)) {
    throw invalid(SAMPLING, 'this client did not declare sampling with tools')
  }
  const fault = samplingFault(params.messages)
  if (fault !== undefined) throw invalid(SAMPLING, fault)
  // proof: the required members were just checked; what single messages hold is the handler's to judge
  const result = await create(params as unknown as CreateMessageRequestParams, call)
  if (result === 'declined') throw new InputError('declined', SAMPLING, 'the user refused')
  return result
}

/** "uri: Unique identifier for the root. This MUST be a file:// URI". */
function answerRoots(roots: readonly Root[]): JsonObject {
  const issues = roots.flatMap(({ uri }) => (isFileUri(uri) ? [] : [`${JSON.stringify(uri)} is no file:// URI`]))
  if (issues.length === 0) return { roots }
  throw new InputError('invalid_answer', ROOTS, `a root is a place in the file system: ${issues.join('; ')}`, {
    issues,
  })
}

function isFileUri(uri: unknown): boolean {
  return typeof uri === 'string' && /^file:\/\//i.test(uri) && URL.canParse(uri)
}

/** "content is only present when action is accept and mode was form". */
function withoutContent(result: ElicitResult): JsonObject {
  const { content: _content, ...rest } = result
  return rest
}

function invalid(method: string, message: string): InputError {
  return new InputError('invalid_request', method, message)
}
