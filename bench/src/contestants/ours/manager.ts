import { createSessionManager, type ServerManifest } from '@bao-mcp/client'
import { report } from '../../job.ts'

interface ManagerJob {
  /** Servers of one manager. */
  readonly servers: number
  readonly toolsEach: number
  readonly command: string
  readonly args: string[]
}

const { servers, toolsEach, command, args }: ManagerJob = JSON.parse(process.argv[2] ?? '')
const names = Array.from({ length: servers }, (_, nth) => `s${nth}`)

/** Milliseconds to list the tools of servers that are known from manifests, none of which is started. */
async function listFromManifests(): Promise<number> {
  const text = JSON.stringify({
    tools: Array.from({ length: toolsEach }, (_, nth) => ({
      name: `tool_${nth}`,
      description: 'Does something with a text.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    })),
  })
  const startedAt = performance.now()
  await using manager = createSessionManager()
  for (const name of names) {
    const manifest: ServerManifest = JSON.parse(text)
    void manager.add(name, { command, args }, { lazy: true, manifest })
  }
  const tools = await manager.listTools()
  const tookMs = performance.now() - startedAt
  if (tools.length !== servers * toolsEach) throw new Error(`${tools.length} tools were listed`)
  return tookMs
}

/** Milliseconds until all of them are connected, side by side, and until nothing of them is left again. */
async function startAndClose(): Promise<{ startMs: number; closeMs: number }> {
  const startedAt = performance.now()
  const manager = createSessionManager()
  for (const name of names) void manager.add(name, { command, args })
  await manager.ready({ require: 'all', timeoutMs: 120_000 })
  const readyAt = performance.now()
  await manager.close()
  return { startMs: readyAt - startedAt, closeMs: performance.now() - readyAt }
}

await report(async () => ({ finding: { listMs: await listFromManifests(), ...(await startAndClose()) } }))
