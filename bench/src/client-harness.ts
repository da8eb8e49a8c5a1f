/** What every client contestant runs: the same loop over its own `call`. */
import { report } from './job.ts'
import { measureStretch, type Stretch } from './pace.ts'
import { type Era, makeTexts } from './wire.ts'

export interface ClientJob extends Stretch {
  readonly era: Era
  /** The server to start: the bare one, the same for every client. */
  readonly command: string
  readonly args: string[]
}

export interface HttpClientJob extends Stretch {
  readonly era: Era
  /** Where the server is: the answering one, the same for every client. */
  readonly url: string
  /** Has the floor give every call a signal of its own, as whoever can cancel a call has to. */
  readonly cancellable?: boolean
}

export interface ClientUnderTest {
  /** Calls `echo` and gives its structured output. */
  call(text: string): Promise<unknown>
  close(): Promise<void>
}

const TEXTS = makeTexts(1024, 64)

/** Measures one client in this process, whose CPU time is the client's own: the server is another process. */
export async function measureClient<Job extends Stretch = ClientJob>(
  open: (job: Job) => Promise<ClientUnderTest>,
): Promise<never> {
  return report(async () => {
    const job: Job = JSON.parse(process.argv[2] ?? '')
    const client = await open(job)
    const finding = await measureStretch(
      { run: (calls, inFlight) => burst(client, calls, inFlight), cpuSeconds: ownCpuSeconds },
      job,
    )
    await client.close()
    return { finding }
  })
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function burst(client: ClientUnderTest, calls: number, inFlight: number): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < calls) {
      const text = TEXTS[next++ % TEXTS.length] ?? ''
      const output = await client.call(text)
      if (!(output instanceof Object && 'text' in output && output.text === text)) {
        throw new Error(`the answer is not the text that was sent: ${JSON.stringify(output)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, caller))
}
