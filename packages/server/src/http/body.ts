import { type Deadline, type Deadlines, INVALID_REQUEST } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'

export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
}

/** A body whose end nobody knows would hold its connection for as long as something of it comes. */
const LAST = { connection: 'close' }

/**
 * Reads a request body as text.
 * @throws {HttpFault} 413 when it is too long, 408 when it takes too long, 400 when it ends early
 */
export function readBody(request: Request, limits: BodyLimits, deadlines: Deadlines): Promise<string> {
  const { maxBodyBytes, bodyTimeoutMs } = limits
  const declared = declaredLength(request.headers)
  if (declared !== undefined && declared > maxBodyBytes) throw tooLong(maxBodyBytes)
  return new Promise((resolve, reject) => {
    const reader = declared === undefined ? request.body?.getReader() : undefined
    const deadline: Deadline = {
      dueAt: deadlines.now() + bodyTimeoutMs,
      heapIndex: -1,
      expire() {
        reject(
          new HttpFault(408, INVALID_REQUEST, `the body did not arrive within ${bodyTimeoutMs} ms (bodyTimeoutMs)`, {
            headers: LAST,
          }),
        )
        // whoever drips a body is not waited for
        reader?.cancel().catch(() => undefined)
      },
    }
    deadlines.add(deadline)
    // without a declared length, or without any body, nothing but counting bounds it
    const text = reader === undefined ? request.text() : readCounted(reader, maxBodyBytes)
    text.then(
      (read) => {
        deadlines.remove(deadline)
        if (read.length > maxBodyBytes) reject(tooLong(maxBodyBytes))
        else resolve(read)
      },
      (cause: unknown) => {
        deadlines.remove(deadline)
        reject(
          cause instanceof HttpFault ? cause : new HttpFault(400, INVALID_REQUEST, 'the body ended early', { cause }),
        )
      },
    )
  })
}

/** What is no length declares nothing. */
function declaredLength(headers: Headers): number | undefined {
  const text = headers.get('content-length')
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}

async function readCounted(reader: ReadableStreamDefaultReader<Uint8Array>, maxBodyBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  const pieces: string[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return pieces.join('') + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBodyBytes) {
      reader.cancel().catch(() => undefined)
      throw tooLong(maxBodyBytes, LAST)
    }
    pieces.push(decoder.decode(value, { stream: true }))
  }
}

function tooLong(maxBodyBytes: number, headers: Readonly<Record<string, string>> = {}): HttpFault {
  const words = `the body is over the limit of ${maxBodyBytes} bytes (maxBodyBytes)`
  return new HttpFault(413, INVALID_REQUEST, words, { headers })
}
