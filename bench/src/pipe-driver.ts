import { lastWords } from './last-words.ts'
import { splitLines } from './lines.ts'
import { callWriter, type Era, faultOf, INITIALIZED, opening, REVISION } from './wire.ts'

/** The server does not speak what was asked for. A fact about a contestant, not a failure of the run. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

export interface Burst {
  readonly calls: number
  readonly inFlight: number
  /** Every call sends one of these, in turn, and must get it back. */
  readonly texts: readonly string[]
  readonly timeoutMs: number
}

export interface ServerPipe extends AsyncDisposable {
  readonly pid: number
  /** From just before the spawn to the first bytes of the first answer. */
  readonly firstByteMs: number
  /** The revision the server answered with. */
  readonly speaks: string
  /** Resolves when every call of the burst was answered with its own text.
   *  @throws {Error} on a wrong, missing or failed answer, on a timeout, and when the server ends */
  burst(burst: Burst): Promise<void>
}

interface Answer {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: unknown; readonly message: unknown }
}

/** Starts a stdio server and opens the conversation. It is the same few lines for every contestant: one write per tick,
 *  one parse per answer, and a comparison of id, structured output and text block.
 *  @throws {RefusedError} when the server answers the opening with an error or another era
 *  @throws {Error} when the server ends or stays silent */
export async function openServer(command: readonly string[], era: Era, timeoutMs = 20_000): Promise<ServerPipe> {
  const spawnedAt = performance.now()
  const child = Bun.spawn([...command], { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })
  let firstByteMs = 0
  let nextId = 1
  let out = ''
  let stderrTail = ''
  let current: PromiseWithResolvers<void> | undefined
  let onAnswer: (answer: Answer) => void = () => {}

  const fail = (error: unknown): void => current?.reject(error)
  const flush = (): void => {
    if (!out) return
    const lines = out
    out = ''
    // Both may be a promise under back-pressure; a broken pipe shows there and nowhere else.
    for (const written of [child.stdin.write(lines), child.stdin.flush()]) {
      if (typeof written !== 'number') Promise.resolve(written).catch(fail)
    }
  }
  const phase = async (limitMs: number, start: () => void): Promise<void> => {
    current = Promise.withResolvers()
    const timer = setTimeout(() => fail(new Error(`no answer within ${limitMs} ms`)), limitMs)
    try {
      start()
      flush()
      await current.promise
    } finally {
      clearTimeout(timer)
      current = undefined
    }
  }

  const readAnswers = async (): Promise<void> => {
    const split = splitLines()
    const decoder = new TextDecoder()
    const onLine = (line: string): void => {
      const answer: Answer = JSON.parse(line)
      if (answer.id !== undefined) onAnswer(answer)
    }
    for await (const chunk of child.stdout) {
      if (firstByteMs === 0) firstByteMs = performance.now() - spawnedAt
      split(decoder.decode(chunk, { stream: true }), onLine)
      flush()
    }
    await stderrRead
    throw new Error(`the server ended with code ${await child.exited}${stderrTail && `: ${lastWords(stderrTail)}`}`)
  }
  const readStderr = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stderr) {
      stderrTail = (stderrTail + decoder.decode(chunk, { stream: true })).slice(-2000)
    }
  }
  const stderrRead = readStderr()
  const answersRead = readAnswers().catch(fail)

  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await child.exited
    await answersRead
  }

  let speaks = ''
  try {
    await phase(timeoutMs, () => {
      onAnswer = (answer) => {
        const refusal = refusalOf(answer, era)
        if (refusal) return fail(new RefusedError(refusal))
        speaks = spokenVersion(answer.result, era)
        if (era === 'legacy') out += INITIALIZED
        current?.resolve()
      }
      out += opening(era, 0)
    })
  } catch (error) {
    await close()
    throw error
  }

  const burst = ({ calls, inFlight, texts, timeoutMs: limitMs }: Burst): Promise<void> =>
    phase(limitMs, () => {
      const write = callWriter(era, texts)
      const last = nextId + calls - 1
      const waiting = new Set<unknown>()
      const ask = (): void => {
        waiting.add(nextId)
        out += write(nextId++)
      }
      onAnswer = ({ id, result, error }) => {
        if (!waiting.delete(id)) return fail(new Error(`an answer to ${JSON.stringify(id)}, which was not asked`))
        if (error) return fail(new Error(`call ${id} failed: ${error.code} ${error.message}`))
        const fault = faultOf(result, texts[Number(id) % texts.length] ?? '')
        if (fault) return fail(new Error(`call ${id}: ${fault}: ${JSON.stringify(result)?.slice(0, 300)}`))
        if (nextId <= last) ask()
        else if (waiting.size === 0) current?.resolve()
      }
      for (let index = 0; index < Math.min(inFlight, calls); index++) ask()
    })

  return { pid: child.pid, firstByteMs, speaks, burst, [Symbol.asyncDispose]: close }
}

function refusalOf(answer: Answer, era: Era): string | undefined {
  if (answer.error) return `refuses ${REVISION[era]}: ${answer.error.code} ${answer.error.message}`
  const speaks = spokenVersion(answer.result, era)
  return speaks ? undefined : `does not offer ${REVISION[era]}`
}

/** Legacy servers answer with a version of their own choice; modern ones list what they accept. */
function spokenVersion(result: unknown, era: Era): string {
  // proof: every read below tolerates a missing or foreign member
  const { protocolVersion, supportedVersions } = (result ?? {}) as Record<string, unknown>
  if (era === 'legacy') return typeof protocolVersion === 'string' ? protocolVersion : ''
  return Array.isArray(supportedVersions) && supportedVersions.includes(REVISION.modern) ? REVISION.modern : ''
}
