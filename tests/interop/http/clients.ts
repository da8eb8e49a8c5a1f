import type { HttpDriver } from '../drivers/http-driver.ts'
import { openHttpV1 } from '../drivers/http-v1.ts'
import { openHttpV2 } from '../drivers/http-v2.ts'

export const MODERN = '2026-07-28'
/** Versions with a handshake that Streamable HTTP is part of, newest first. */
export const HANDSHAKES = ['2025-11-25', '2025-06-18', '2025-03-26'] as const

export interface HttpClient {
  name: string
  era: 'legacy' | 'modern'
  version: string
  open(url: URL): Promise<HttpDriver>
}

const v1: HttpClient[] = HANDSHAKES.map((version) => ({
  name: `official v1 client with ${version}`,
  era: 'legacy',
  version,
  open: (url) => openHttpV1(url, { handshake: version }),
}))

const v2: HttpClient[] = HANDSHAKES.map((version) => ({
  name: `official v2 client with the handshake of ${version}`,
  era: 'legacy',
  version,
  open: (url) => openHttpV2(url, { mode: 'legacy', handshake: version }),
}))

/** Every official client, in every version it speaks over HTTP. */
export const clients: readonly HttpClient[] = [
  ...v1,
  ...v2,
  {
    name: 'official v2 client that asks',
    era: 'modern',
    version: MODERN,
    open: (url) => openHttpV2(url, { mode: 'auto' }),
  },
  {
    name: `official v2 client pinned to ${MODERN}`,
    era: 'modern',
    version: MODERN,
    open: (url) => openHttpV2(url, { mode: { pin: MODERN } }),
  },
]
