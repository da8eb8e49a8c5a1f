import type { Clock, Deadlines } from '@bao-mcp/protocol/engine'
import type { Serving } from '../serving.ts'
import type { Accepts } from './accept.ts'
import type { AuthInfo } from './auth/auth-info.ts'
import type { KeepAlive } from './keep-alive.ts'
import type { HttpLimits } from './options.ts'

/** One HTTP request that was let in. */
export interface Incoming {
  readonly request: Request
  readonly accepts: Accepts
  /** Who sent it, where requests are authenticated. */
  readonly auth: AuthInfo | undefined
  /** The `MCP-Protocol-Version` header. */
  readonly version: string | null
  /** The `Mcp-Session-Id` header. */
  readonly sessionId: string | null
  /** UTF-16 units of its body. */
  readonly length: number
}

/** What everything that answers HTTP requests of one handler shares. */
export interface HttpCore {
  readonly serving: Serving
  readonly limits: HttpLimits
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly keepAlive: KeepAlive
}
