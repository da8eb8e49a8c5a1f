import { RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { Serving } from '../serving.ts'

/** @throws {RpcError} -31999 when these are more resources, or longer URIs, than one subscription may hold */
export function mustFit(
  uris: ReadonlySet<string>,
  { maxSubscribedUris, maxSubscribedLength }: Pick<Serving, 'maxSubscribedUris' | 'maxSubscribedLength'>,
): void {
  if (uris.size > maxSubscribedUris) throw tooMany(`${uris.size} resources`, maxSubscribedUris, 'maxSubscribedUris')
  let length = 0
  for (const uri of uris) length += uri.length
  if (length > maxSubscribedLength) {
    throw tooMany(`URIs of ${length} characters`, maxSubscribedLength, 'maxSubscribedLength')
  }
}

function tooMany(what: string, limit: number, name: string): RpcError {
  return new RpcError(SERVER_BUSY, `${what} would be subscribed to, and the limit is ${limit} (${name})`)
}
