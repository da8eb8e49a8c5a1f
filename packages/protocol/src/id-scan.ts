import type { RequestId } from './jsonrpc/message.ts'

/** What a scan of an unreadable message found at its top level. */
export interface ScanResult {
  id: RequestId | undefined
  /** True when there was a result or an error and no method. */
  isResponse: boolean
}

/** Reads bytes of JSON text that will never be held as a whole. */
export interface IdScanner {
  push(bytes: Uint8Array): void
  result(): ScanResult
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** The longest top-level key or id that is kept, in bytes; anything longer is none of ours. */
const MAX_TOKEN_BYTES = 1024

/**
 * Finds the id of a message too long or too broken to parse, so that its sender gets an answer and not silence.
 * Only members of the outermost object count; the text needs to be well formed only as far as it was read.
 */
export function createIdScanner(): IdScanner {
  let depth = 0
  let inString = false
  let escaped = false
  /** Bytes of the string or scalar being read at depth 1; undefined when it is not kept. */
  let token: number[] | undefined
  let key: string | undefined
  let expectsKey = false
  let id: RequestId | undefined
  let hasMethod = false
  let hasOutcome = false

  function keep(byte: number): void {
    if (token === undefined) return
    if (token.length < MAX_TOKEN_BYTES) token.push(byte)
    else token = undefined
  }

  /** The token as JSON, or undefined when it is none. */
  function take(): unknown {
    if (token === undefined || token.length === 0) return undefined
    const text = new TextDecoder().decode(new Uint8Array(token))
    token = undefined
    try {
      return JSON.parse(text)
    } catch {
      // not a JSON scalar: the text is broken here, so there is no value to be had
      return undefined
    }
  }

  function endOfValue(): void {
    const value = take()
    if (key === 'id' && (typeof value === 'string' || Number.isSafeInteger(value))) {
      // proof: the condition has just checked it
      id ??= value as RequestId
    }
    key = undefined
  }

  function startMember(name: unknown): void {
    key = typeof name === 'string' ? name : undefined
    if (key === 'method') hasMethod = true
    if (key === 'result' || key === 'error') hasOutcome = true
  }

  function structural(byte: number): void {
    switch (byte) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++
        token = undefined
        if (depth === 1) expectsKey = byte === OPEN_BRACE
        return
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 1) endOfValue()
        if (depth > 0) depth--
        return
      case COMMA:
        if (depth !== 1) return
        endOfValue()
        expectsKey = true
        return
      case COLON:
        if (depth !== 1 || !expectsKey) return
        startMember(take())
        expectsKey = false
        if (key === 'id') token = []
        return
      default:
        if (depth === 1 && byte > 0x20) keep(byte)
    }
  }

  return {
    push(bytes) {
      for (const byte of bytes) {
        if (inString) {
          if (depth === 1) keep(byte)
          if (escaped) escaped = false
          else if (byte === BACKSLASH) escaped = true
          else if (byte === QUOTE) inString = false
        } else if (byte === QUOTE) {
          inString = true
          if (depth === 1 && expectsKey) token = []
          if (depth === 1) keep(byte)
        } else {
          structural(byte)
        }
      }
    },
    result: () => ({ id, isResponse: hasOutcome && !hasMethod }),
  }
}
