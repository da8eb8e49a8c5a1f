import { INTERNAL_ERROR, type RequestId, RpcError } from '@bao-mcp/protocol/engine'

/** A request that HTTP itself refuses, before or beside what its body asks for. */
export class HttpFault extends RpcError {
  override readonly name = 'HttpFault'
  readonly status: number
  readonly headers: Readonly<Record<string, string>> | undefined
  /** The id of the refused request, where it is known. */
  readonly id: RequestId | undefined

  constructor(
    status: number,
    code: number,
    message: string,
    more: {
      headers?: Readonly<Record<string, string>>
      id?: RequestId | undefined
      data?: unknown
      cause?: unknown
    } = {},
  ) {
    super(code, message, more.data, more.cause === undefined ? undefined : { cause: more.cause })
    this.status = status
    this.headers = more.headers
    this.id = more.id
  }
}

/** The status of a refusal that no revision has a say in: nothing was asked wrongly, so it lies on this side. */
export function statusOfRefusal(error: RpcError): number {
  if (error instanceof HttpFault) return error.status
  return error.code === INTERNAL_ERROR ? 500 : 503
}
