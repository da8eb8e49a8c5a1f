import type { OpenRedis } from '../port.ts'

/** The client is Bun's own. */
export const openRedis: OpenRedis | undefined = undefined
