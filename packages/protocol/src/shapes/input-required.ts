import { z } from 'zod'
import { ElicitRequest, ElicitResult } from './elicitation.ts'
import { RequestParams } from './meta.ts'
import { Result } from './results.ts'
import { ListRootsRequest, ListRootsResult } from './roots.ts'
import { CreateMessageRequest, CreateMessageResult } from './sampling.ts'

const inputRequest = z.discriminatedUnion('method', [CreateMessageRequest, ListRootsRequest, ElicitRequest])
export type InputRequest = CreateMessageRequest | ListRootsRequest | ElicitRequest
/** One question a server needs answered before it can finish. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequest */
export const InputRequest: z.ZodType<InputRequest> = inputRequest

/** The questions of one round, each under a key the server chose. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequests */
export const InputRequests = z.record(z.string(), InputRequest)
export type InputRequests = z.infer<typeof InputRequests>

const inputResponse = z.union([CreateMessageResult, ListRootsResult, ElicitResult])
export type InputResponse = CreateMessageResult | ListRootsResult | ElicitResult
/** One answer: a bare result, whose kind its question's key tells. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputresponse */
export const InputResponse: z.ZodType<InputResponse> = inputResponse

/** The answers of one round under the keys of their questions. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputresponses */
export const InputResponses = z.record(z.string(), InputResponse)
export type InputResponses = z.infer<typeof InputResponses>

/** Params of a request that may be tried again with answers. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputresponserequestparams */
export const InputResponseRequestParams = RequestParams.extend({
  inputResponses: InputResponses.optional(),
  requestState: z.string().optional(),
})
export type InputResponseRequestParams = z.infer<typeof InputResponseRequestParams>

/** An unfinished answer: it asks, hands over an opaque state to bring back, or both. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequiredresult */
export const InputRequiredResult = Result.extend({
  resultType: z.literal('input_required'),
  inputRequests: InputRequests.optional(),
  requestState: z.string().optional(),
}).refine((result) => result.inputRequests !== undefined || result.requestState !== undefined, {
  error: 'an input_required result needs inputRequests or requestState',
})
export type InputRequiredResult = z.infer<typeof InputRequiredResult>
