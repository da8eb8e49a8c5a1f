import { type Clock, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** The part of `fetch` that documents are fetched with. */
export type Fetch = (
  url: string,
  init: { headers: Record<string, string>; redirect: 'manual'; signal: AbortSignal },
) => Promise<Response>

export interface FetchLimits {
  fetch: Fetch
  clock: Clock
  /** Milliseconds until the whole document must be there. */
  timeoutMs: number
  maxBytes: number
}

/** A document could not be had. Not the fault of a token. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
}

/**
 * Fetches a JSON object. A redirect is not followed, because it could lead to where no check was made.
 * @throws {DocumentError} naming the URL and what came instead
 */
export async function fetchDocument(url: URL, { fetch, clock, timeoutMs, maxBytes }: FetchLimits): Promise<JsonObject> {
  const timeout = new AbortController()
  const stop = clock.after(timeoutMs, () =>
    timeout.abort(new DocumentError(`${url.href} was not there within ${timeoutMs} ms`)),
  )
  try {
    const headers = { accept: 'application/json' }
    const response = await fetch(url.href, { headers, redirect: 'manual', signal: timeout.signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new DocumentError(`${url.href} answered ${response.status || 'a redirect'}, expected 200`)
    }
    const parsed: unknown = JSON.parse(await readText(response, url, maxBytes))
    if (isJsonObject(parsed)) return parsed
    throw new DocumentError(`${url.href} answered something that is no JSON object`)
  } catch (cause) {
    if (cause instanceof DocumentError) throw cause
    if (cause instanceof SyntaxError) throw new DocumentError(`${url.href} answered something that is no JSON`)
    // a fetch that was aborted may reject with an error of its own
    if (timeout.signal.aborted) throw timeout.signal.reason
    throw new DocumentError(`${url.href} could not be fetched`, { cause })
  } finally {
    stop()
  }
}

async function readText(response: Response, url: URL, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // leaving the loop cancels the body
    if (length > maxBytes) throw new DocumentError(`${url.href} is longer than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
