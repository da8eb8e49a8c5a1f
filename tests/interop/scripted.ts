import { type Client, type ConnectOptions, connect, type Era, type Stray, stdio } from '@bao-mcp/client'
import { underBun } from './launches.ts'

/** A call that the client does not settle by itself ends after this long, with the code that tells so. */
const PROMPT_MS = 5_000

/** Our client, connected to the scripted server. */
export interface Scripted extends AsyncDisposable {
  client: Client
  /** What the client reported as belonging to nothing. */
  strays: Stray[]
  /** Calls the tool, by whose name the server misbehaves. */
  call: (misconduct: string, onProgress?: (progress: number) => void) => Promise<string | undefined>
}

export async function connectScripted(
  era: Era,
  settings: { pin?: string; maxMessageBytes?: number; options?: ConnectOptions } = {},
): Promise<Scripted> {
  const { pin = era, maxMessageBytes, options } = settings
  const strays: Stray[] = []
  const client = await connect(stdio({ ...underBun('scripted-server', era), maxMessageBytes }), {
    pin,
    timeoutMs: PROMPT_MS,
    onStray: (stray) => strays.push(stray),
    ...options,
  })
  return {
    client,
    strays,
    async call(misconduct, onProgress) {
      const { content } = await client.callTool(
        misconduct,
        {},
        {
          ...(onProgress !== undefined && { onProgress: ({ progress }) => onProgress(progress) }),
        },
      )
      const [block] = content
      return block?.type === 'text' ? block.text : undefined
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
