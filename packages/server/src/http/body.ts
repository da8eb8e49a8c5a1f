import { type Deadline, type Deadlines, INVALID_REQUEST } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'

export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
}

/**
 * Reads a request body as text.
 * @throws {HttpFault} 413 when it is too long, 408 when it takes too long, 400 when it ends early
 */
export function readBody(request: Request, limits: BodyLimits, deadlines: Deadlines): Promise<string> {
  const { maxBodyBytes, bodyTimeoutMs } = limits
  const declared = request.headers.get('content-length')
  if (declared !== null && Number(declared) > maxBodyBytes) throw tooLong(maxBodyBytes)
  return new Promise((resolve, reject) => {
    const reader = declared === null ? request.body?.getReader() : undefined
    const deadline: Deadline = {
      dueAt: deadlines.now() + bodyTimeoutMs,
      heapIndex: -1,
      expire() {
        reject(
          new HttpFault(408, INVALID_REQUEST, `the body did not arrive within ${bodyTimeoutMs} ms (bodyTimeoutMs)`),
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
      throw tooLong(maxBodyBytes)
    }
    pieces.push(decoder.decode(value, { stream: true }))
  }
}

function tooLong(maxBodyBytes: number): HttpFault {
  return new HttpFault(413, INVALID_REQUEST, `the body is over the limit of ${maxBodyBytes} bytes (maxBodyBytes)`)
}
