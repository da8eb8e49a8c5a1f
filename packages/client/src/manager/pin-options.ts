/**
 * What happens when a tool is not as it was when it was seen first: nothing, it is told, or it is told and the tool is
 * withheld until somebody accepts it.
 */
export type PinMode = 'off' | 'warn' | 'block'

/** The mode, and what `block` withholds: the tools that changed (default), or the server, which is quarantined. */
export type Pinning = PinMode | { readonly mode: PinMode; readonly blocks?: 'tools' | 'server' | undefined }

/** Which changes are accepted. */
export interface AcceptToolsOptions {
  /** Default: all whose changes are described; where there are `more`, these come after them, or are named here. */
  readonly tools?: readonly string[] | undefined
  /** Digest of the changes somebody has looked at; where there are others by now, nothing is accepted. */
  readonly digest?: string | undefined
}

/** The setting in full. @throws {TypeError} when it is none */
export function readPinning(setting: Pinning): { mode: PinMode; blocks: 'tools' | 'server' } {
  const { mode, blocks = 'tools' } = typeof setting === 'string' ? { mode: setting } : setting
  if (!MODES.has(mode)) throw new TypeError(`pinning must be "off", "warn" or "block", got ${JSON.stringify(mode)}`)
  if (blocks !== 'tools' && blocks !== 'server') {
    throw new TypeError(`pinning.blocks must be "tools" or "server", got ${JSON.stringify(blocks)}`)
  }
  return { mode, blocks }
}

const MODES: ReadonlySet<string> = new Set<PinMode>(['off', 'warn', 'block'])
