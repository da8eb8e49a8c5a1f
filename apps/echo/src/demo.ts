import { parseArgs } from 'node:util'
import type { Era } from '@bao-mcp/protocol/revisions'
import { connectEcho, echoTransport } from './client.ts'
import { type Scene, sceneLine } from './scene.ts'
import { tapped } from './tap.ts'
import { painter } from './terminal.ts'

const USAGE = `usage: bun run demo [--json] [--full]

Starts the echo server, talks to it once in each protocol era, and prints every message.

  --json   one JSON object per message on stdout, for programs
  --full   whole messages, however long
  --help   this text
`

const ERAS: readonly Era[] = ['modern', 'legacy']
const TITLES: Readonly<Record<Era, string>> = {
  modern: 'The modern era (2026-07-28): every request stands alone',
  legacy: 'The legacy era (2024-11-05 to 2025-11-25): a handshake opens the conversation',
}

async function converse(era: Era, show: (scene: Scene) => void): Promise<void> {
  const startedAt = performance.now()
  const transport = tapped(echoTransport(), (direction, message) =>
    show({ era, atMs: performance.now() - startedAt, direction, message }),
  )
  await using client = await connectEcho(transport, era)
  await client.listTools()
  expectEcho(await client.callTool('echo', { text: 'hello' }), 'hello')
  expectEcho(await client.callTool('slow_echo', { text: 'bao', delayMs: 100 }, { onProgress: () => {} }), 'bao')
  await cancelOnFirstProgress((signal, onProgress) =>
    client.callTool('slow_echo', { text: 'never finished', delayMs: 100 }, { signal, onProgress }),
  )
}

function expectEcho(result: { structured: unknown }, text: string): void {
  const { structured } = result
  const echoed =
    typeof structured === 'object' && structured !== null && 'text' in structured ? structured.text : undefined
  if (echoed !== text) throw new Error(`expected ${JSON.stringify(text)} back, got ${JSON.stringify(structured)}`)
}

/** Gives a call up as soon as it shows progress. The rejection is the proof that it was given up. */
async function cancelOnFirstProgress(
  call: (signal: AbortSignal, onProgress: () => void) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController()
  const reason = new DOMException('the demo has seen enough', 'AbortError')
  const outcome = await call(controller.signal, () => controller.abort(reason)).catch((error: unknown) => error)
  if (outcome !== reason) throw new Error('the call was not given up', { cause: outcome })
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, full: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const paint = painter(process.stdout)
  const full = values.full === true
  const style = { paint, brief: !full, width: full ? Number.POSITIVE_INFINITY : (process.stdout.columns ?? 140) }
  if (!values.json) {
    console.log('An echo server and a client talk over stdin and stdout, once in each protocol era.')
    console.log(paint.dim('→ to the server, ← to the client; the number is milliseconds since the server was started.'))
    if (!full) console.log(paint.dim('Metadata is left out and long messages are cut; --full shows everything.'))
  }
  for (const era of ERAS) {
    if (!values.json) console.log(`\n${paint.bold(TITLES[era])}`)
    await converse(era, (scene) => console.log(values.json ? JSON.stringify(scene) : sceneLine(scene, style)))
    if (!values.json) console.log(paint.dim('           the call was given up, and nothing more arrived for it'))
  }
  if (!values.json) console.log(`\n${paint.green('Both conversations went as they should.')} Next: bun run test`)
  return 0
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(painter(process.stderr).red('The demo failed:'), error)
  return 1
})
