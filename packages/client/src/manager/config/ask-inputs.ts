import type { InputRequest, ResolveContext } from './resolve-context.ts'
import type { ConfigInput, ServerEntry } from './server-entry.ts'

/** Answers `${input:id}` of one server. */
export type AskInput = (id: string, entry: ServerEntry) => Promise<string | undefined>

/** What may be asked for, and when nobody waits for an answer any more. */
interface AskOptions {
  readonly inputs: readonly ConfigInput[]
  readonly signal: AbortSignal | undefined
}

/** Asks once for each input of each file: of two files each may mean something else by one id. */
export function createAsker({ inputs: ask }: ResolveContext, { inputs, signal }: AskOptions): AskInput {
  const asked = new Map<string, Promise<string | undefined>>()

  async function request(id: string, { name: server, origin: { path } }: ServerEntry): Promise<string | undefined> {
    const input = inputs.find((one) => one.id === id && one.path === path)
    const question: InputRequest = { server, path, input, signal }
    return ask?.(id, question)
  }

  return (id, entry) => {
    const key = JSON.stringify([entry.origin.path, id])
    const known = asked.get(key) ?? request(id, entry)
    asked.set(key, known)
    return known
  }
}
