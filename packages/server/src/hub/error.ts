import { HUB_LOST, RpcError } from '@bao-mcp/protocol/engine'

/** What could not be done over the hub, and why. What the other side said stays in `cause`, which no caller is told. */
export class HubError extends RpcError {
  override readonly name = 'HubError'

  constructor(what: string, why: string, cause?: unknown) {
    super(HUB_LOST, `the hub could not ${what}: ${why}`, undefined, cause === undefined ? undefined : { cause })
  }
}
