import { type Cell, type Metric, measureRounds } from '../cells.ts'
import { ANSWERING_SERVER, type Contestant } from '../contestants.ts'
import { startHttpServer } from '../http-server.ts'
import { type Finding, type Outcome, runJob } from '../job.ts'
import type { Stretch } from '../pace.ts'
import { ERAS, type Era } from '../wire.ts'
import type { SectionContext } from './context.ts'

/** How the server answers: with a JSON body each, or with an event stream each. */
type Answers = 'json' | 'events'

const ROUNDS: Readonly<Record<Answers, number>> = { json: 3, events: 2 }

const NOT_BARE: Outcome = { kind: 'unsupported', reason: 'is no bare fetch' }

/** CPU and wall time per call of a client over HTTP, in a session in legacy; the server has the other core. */
export async function measureHttpClients(context: SectionContext): Promise<Cell[]> {
  return [
    ...(await measureAnswered(context, 'json', 'http-client.cpu', 'http-client.wall')),
    ...(await measureAnswered(context, 'events', 'http-client.events-cpu', 'http-client.events-wall')),
    ...(await measureSignals(context, 'json', 'http-client.signal-cpu')),
    ...(await measureSignals(context, 'events', 'http-client.signal-events-cpu')),
  ]
}

function measureAnswered(context: SectionContext, answers: Answers, cpu: Metric, wall: Metric): Promise<Cell[]> {
  const { quick, progress } = context
  return measureRounds({
    rounds: quick ? 1 : ROUNDS[answers],
    eras: ERAS,
    progress: (text) => progress(`http-client, ${answers}: ${text}`),
    measure: (contestant, era) => drive(context, contestant, era, answers),
    metrics: { [cpu]: ({ cpuUs }: Finding) => cpuUs, [wall]: ({ wallUs }: Finding) => wallUs },
  })
}

/** What the floor takes when its calls can be cancelled, as those of a client always can. */
function measureSignals(context: SectionContext, answers: Answers, cpu: Metric): Promise<Cell[]> {
  const { quick, progress } = context
  return measureRounds({
    rounds: quick ? 1 : ROUNDS[answers],
    eras: ERAS,
    progress: (text) => progress(`http-client with a signal, ${answers}: ${text}`),
    measure: async (contestant, era) =>
      contestant.name === 'floor' ? drive(context, contestant, era, answers, true) : NOT_BARE,
    metrics: { [cpu]: ({ cpuUs }: Finding) => cpuUs },
  })
}

async function drive(
  { quick, cores }: SectionContext,
  { httpClient }: Contestant,
  era: Era | null,
  answers: Answers,
  cancellable = false,
): Promise<Outcome> {
  if (httpClient === undefined) return { kind: 'unsupported', reason: 'has no client' }
  await using server = await startHttpServer([process.execPath, ANSWERING_SERVER, answers], cores.server)
  const { load: core } = cores
  return await runJob(
    httpClient,
    { era, url: server.url, cancellable, ...stretchOf(quick) },
    { ...(core !== undefined && { core }) },
  )
}

function stretchOf(quick: boolean): Stretch {
  return quick
    ? { inFlight: 64, warmup: 5000, pace: { minCalls: 5000, minCpuSeconds: 0.2, maxSeconds: 5 } }
    : { inFlight: 64, warmup: 15_000, pace: { minCalls: 15_000, minCpuSeconds: 0.4, maxSeconds: 30 } }
}
