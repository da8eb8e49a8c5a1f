/** One measurement of one server in a process of its own: the job is a JSON argument, the outcome a JSON line. */
import { type Finding, report } from './job.ts'
import { measureStretch, type Stretch } from './pace.ts'
import { openServer, type ServerPipe } from './pipe-driver.ts'
import { cpuSeconds, residentKib } from './proc.ts'
import { median } from './stats.ts'
import { callWriter, type Era, makeTexts } from './wire.ts'

interface Target {
  readonly command: readonly string[]
  readonly era: Era
}

export type ServerJob = Target &
  (
    | ({ readonly kind: 'rate' } & Stretch)
    | { readonly kind: 'start'; readonly repeats: number }
    | { readonly kind: 'large'; readonly sizes: readonly LargeSize[] }
    | { readonly kind: 'memory'; readonly calls: number }
  )

export interface LargeSize {
  /** Of the whole request line, its newline included. */
  readonly lineBytes: number
  readonly repeats: number
}

const TEXTS = makeTexts(1024, 64)
const TIMEOUT_MS = 60_000

await report(async () => {
  const job: ServerJob = JSON.parse(process.argv[2] ?? '')
  if (job.kind === 'start') return { finding: await measureStart(job, job.repeats) }
  await using server = await openServer(job.command, job.era)
  return { finding: await measure(server, job), speaks: server.speaks }
})

function measure(server: ServerPipe, job: Exclude<ServerJob, { kind: 'start' }>): Promise<Finding> {
  switch (job.kind) {
    case 'rate':
      return measureRate(server, job)
    case 'large':
      return measureLarge(server, job.era, job.sizes)
    case 'memory':
      return measureMemory(server, job.calls)
  }
}

async function measureRate(server: ServerPipe, stretch: Stretch): Promise<Finding> {
  const before = process.cpuUsage()
  const finding = await measureStretch(
    {
      run: (calls, inFlight) => server.burst({ calls, inFlight, texts: TEXTS, timeoutMs: TIMEOUT_MS }),
      cpuSeconds: () => cpuSeconds(server.pid),
    },
    stretch,
  )
  const { user, system } = process.cpuUsage(before)
  return { ...finding, driverCpuSeconds: (user + system) / 1e6 }
}

async function measureStart({ command, era }: Target, repeats: number): Promise<Finding> {
  const times: number[] = []
  for (let index = 0; index < repeats; index++) {
    await using server = await openServer(command, era)
    times.push(server.firstByteMs)
  }
  return { firstByteMs: median(times) }
}

async function measureLarge(server: ServerPipe, era: Era, sizes: readonly LargeSize[]): Promise<Finding> {
  const finding: Record<string, number> = {}
  // The longest id of this conversation has three digits.
  const envelope = callWriter(era, [''])(100).length
  for (const { lineBytes, repeats } of sizes) {
    const texts = makeTexts(2, lineBytes - envelope)
    const times: number[] = []
    for (let index = -1; index < repeats; index++) {
      // The driver's own garbage of the message before is not part of this one.
      Bun.gc(true)
      const startedAt = performance.now()
      await server.burst({ calls: 1, inFlight: 1, texts, timeoutMs: TIMEOUT_MS })
      // The first one only warms up.
      if (index >= 0) times.push(performance.now() - startedAt)
    }
    finding[String(lineBytes)] = median(times)
  }
  return finding
}

async function measureMemory(server: ServerPipe, calls: number): Promise<Finding> {
  await server.burst({ calls, inFlight: 64, texts: TEXTS, timeoutMs: TIMEOUT_MS })
  const { now, peak } = residentKib(server.pid)
  return { residentMib: now / 1024, peakMib: peak / 1024 }
}
