import { z } from 'zod'
import { ClientCapabilities } from './capabilities.ts'
import { ElicitRequestURLParams } from './elicitation.ts'
import { ErrorObject, JsonRpcErrorResponse } from './envelope.ts'

/** -32700: the text was not JSON. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#parseerror */
export const ParseError = ErrorObject.extend({ code: z.literal(-32700) })
export type ParseError = z.infer<typeof ParseError>

/** -32600: the JSON was not a message. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#invalidrequesterror */
export const InvalidRequestError = ErrorObject.extend({ code: z.literal(-32600) })
export type InvalidRequestError = z.infer<typeof InvalidRequestError>

/** -32601: no such method, or its capability is not offered. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#methodnotfounderror */
export const MethodNotFoundError = ErrorObject.extend({ code: z.literal(-32601) })
export type MethodNotFoundError = z.infer<typeof MethodNotFoundError>

/** -32602: the params are not what the method takes. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#invalidparamserror */
export const InvalidParamsError = ErrorObject.extend({ code: z.literal(-32602) })
export type InvalidParamsError = z.infer<typeof InvalidParamsError>

/** -32603: the receiver failed. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#internalerror */
export const InternalError = ErrorObject.extend({ code: z.literal(-32603) })
export type InternalError = z.infer<typeof InternalError>

/** -32020: a header and the body disagree. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#headermismatcherror */
export const HeaderMismatchError = JsonRpcErrorResponse.extend({
  error: ErrorObject.extend({ code: z.literal(-32020) }),
})
export type HeaderMismatchError = z.infer<typeof HeaderMismatchError>

/** -32021: the request needs capabilities the client did not declare. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#missingrequiredclientcapabilityerror */
export const MissingRequiredClientCapabilityError = JsonRpcErrorResponse.extend({
  error: ErrorObject.extend({
    code: z.literal(-32021),
    data: z.looseObject({ requiredCapabilities: ClientCapabilities }),
  }),
})
export type MissingRequiredClientCapabilityError = z.infer<typeof MissingRequiredClientCapabilityError>

/** -32022: the requested revision is not spoken here; `supported` lists those that are. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#unsupportedprotocolversionerror */
export const UnsupportedProtocolVersionError = JsonRpcErrorResponse.extend({
  error: ErrorObject.extend({
    code: z.literal(-32022),
    data: z.looseObject({ supported: z.array(z.string()), requested: z.string() }),
  }),
})
export type UnsupportedProtocolVersionError = z.infer<typeof UnsupportedProtocolVersionError>

/** -32042: pages to visit before the request can work; only 2025-11-25 knows it. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#urlelicitationrequirederror */
export const URLElicitationRequiredError = JsonRpcErrorResponse.extend({
  error: ErrorObject.extend({
    code: z.literal(-32042),
    data: z.looseObject({ elicitations: z.array(ElicitRequestURLParams.extend({ elicitationId: z.string() })) }),
  }),
})
export type URLElicitationRequiredError = z.infer<typeof URLElicitationRequiredError>
