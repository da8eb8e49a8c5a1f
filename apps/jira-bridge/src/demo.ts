import { parseArgs } from 'node:util'
import { startBackend } from './backend/serve.ts'
import type { StateChange } from './client/jira-client.ts'
import { createCaller } from './demo/caller.ts'
import { createMessageLines } from './demo/message-lines.ts'
import { bridgeEnvironment, type Plan, planDemo } from './demo/plan.ts'
import { playSession } from './demo/session.ts'
import { createStage, type Stage } from './demo/stage.ts'
import { startFakeJira } from './fake/start-fake-jira.ts'

const USAGE = `usage: bun run demo:jira [--project <key>]

Starts a Jira, the bridge and the web backend, and shows a session: each HTTP request to the backend, the MCP
messages it leads to, and what comes back.

With JIRA_URL and its credentials set it reads from that site instead, and writes nothing there, unless
JIRA_WRITE=1 and --project say so: then it makes one issue in that project, moves it and comments on it.

  --project <key>  project to write to (default DEMO, and none on a real site)
  --help           this text
`

async function play(plan: Plan, stage: Stage): Promise<void> {
  await using jira = plan.kind === 'own' ? await startFakeJira() : undefined
  const lines = createMessageLines()
  let shownOfJira = 0
  /** Requests that the bridge has sent since the last time. */
  const showJira = (): void => {
    for (const request of jira?.requests.slice(shownOfJira) ?? []) stage.jira(request)
    shownOfJira = jira?.requests.length ?? 0
  }
  const said: string[] = []
  const started = Promise.withResolvers<void>()
  introduce(plan, stage, jira?.url)
  stage.title('The backend starts the bridge and meets it')
  await using backend = await startBackend({
    port: 0,
    log: () => {},
    jira: {
      ...bridgeEnvironment(plan, jira),
      restart: { max: 0 },
      stderr: (line) => void said.push(line),
      onState: (change) => settle(change, started),
      manager: {
        tap(seen) {
          if (seen.direction === 'received') showJira()
          for (const line of lines(seen)) stage.message(line)
        },
      },
    },
  })
  await started.promise.catch((cause: unknown) => {
    throw new Error(`the bridge did not start: ${said.join('\n')}`, { cause })
  })
  stage.say(`  The backend listens at ${backend.url}; GET /openapi.json describes it.`)
  await playSession(createCaller(backend.url, stage), stage, plan.project)
}

function introduce(plan: Plan, stage: Stage, ownUrl: string | undefined): void {
  stage.say('A web backend that uses Jira through a Model Context Protocol server.')
  stage.say('GET and POST are requests to the backend; → and ← are MCP messages between it and the bridge.')
  if (plan.kind === 'own') {
    stage.say(`⇢ is what the bridge asks Jira: one that comes along, at ${ownUrl}, and forgets everything at the end.`)
  } else if (plan.project === undefined) {
    stage.say(`Jira is ${plan.url}, since JIRA_URL is set. Nothing is written there: the bridge is started read-only.`)
    stage.say('With JIRA_WRITE=1 and --project <key>, an issue would be made, moved and commented on.')
  } else {
    stage.say(`Jira is ${plan.url}, since JIRA_URL is set, and JIRA_WRITE=1: an issue is made in ${plan.project}.`)
  }
}

function settle({ to, reason }: StateChange, started: PromiseWithResolvers<void>): void {
  if (to === 'ready') started.resolve()
  else if (to === 'failed' || to === 'needs-auth') started.reject(new Error(reason))
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { project: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help === true) {
    process.stdout.write(USAGE)
    return
  }
  const plan = planDemo(process.env, values.project)
  const stage = createStage(process.stdout)
  await play(plan, stage)
  stage.done('Everything is closed again. Next: apps/jira-bridge/README.md')
}

await main().catch((error: unknown) => {
  process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
