import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import {
  type Client,
  ConnectionError,
  connect,
  createVerdicts,
  InvalidResultError,
  NegotiationError,
  RpcError,
  ServerStartError,
  stdio,
} from '@bao-mcp/client'
import { createLog, groupOf } from './harness.ts'

const script = fileURLToPath(new URL('./fixtures/chaos-server.mjs', import.meta.url))

/** How long anything may take before it counts as hanging: far more than all times below together. */
const HANGS_MS = 8_000

/** What `fixtures/chaos-server.mjs` can do. */
const DEEDS = [
  ...['exit', 'leave', 'kill', 'stop', 'closeStdout', 'closeStdin', 'closeBoth', 'halfLine', 'halfLineAndDie'],
  ...['floodStdout', 'floodStderr', 'endlessLine', 'wrongIds', 'duplicates', 'delay', 'mute', 'deaf', 'grandchild'],
  ...['stubbornGrandchild', 'orphan', 'stubborn'],
]

// every deed comes first in three of the runs; what else happens, and when, is the seed's choice
const SEEDS = Array.from({ length: 3 * DEEDS.length }, (_, seed) => seed)

test.each(SEEDS)('whatever a server does, every call settles and nothing is left: seed %d', async (seed) => {
  const random = generator(seed)
  const deeds = Array.from({ length: 1 + random(2) }, (_, nth) => ({
    at: 1 + random(8),
    deed: DEEDS[nth === 0 ? seed % DEEDS.length : random(DEEDS.length)],
  }))
  const log = createLog()
  const transport = stdio({
    command: process.execPath,
    args: [script, JSON.stringify({ modern: random(2) === 0, deeds })],
    stderr: log.add,
    stdinGraceMs: 40,
    termGraceMs: 40,
    exitDrainMs: 40,
    halfCloseGraceMs: 40,
  })
  const stopConnecting = new AbortController()
  if (random(8) === 0) setTimeout(() => stopConnecting.abort(new Aborted()), random(80))
  const connecting = connect(transport, {
    probeTimeoutMs: 250,
    connectTimeoutMs: 600,
    verdicts: createVerdicts(),
    signal: stopConnecting.signal,
  })
  const client = await inTime('connect', connecting.catch(expected))
  if (client !== undefined) {
    await inTime('calls', Promise.all(callsOf(client, random)))
    await inTime('close', Promise.all([client.close(), client.close()]))
    await inTime('closed', client.closed)
    const late = await inTime(
      'late call',
      client.ping().catch((error: unknown) => error),
    )
    expect(late).toMatchObject({ code: 'closed' })
  }
  for (const pid of pidsOf(log.lines)) expect(groupOf(pid)).toEqual([])
})

class Aborted extends Error {}

/** Calls of all kinds, some of them given up on the way, and perhaps a closing in their middle. */
function callsOf(client: Client, random: (below: number) => number): Promise<unknown>[] {
  return Array.from({ length: 12 }, async (_, n) => {
    await pause(random(60))
    const controller = new AbortController()
    if (random(4) === 0) setTimeout(() => controller.abort(new Aborted()), random(80))
    const options = { signal: controller.signal, timeoutMs: 20 + random(150), maxTotalTimeoutMs: 300 }
    switch (random(6)) {
      case 0:
        return client.ping(options).catch(expected)
      case 1: {
        const tools = await client.listTools(options).catch(expected)
        return tools === undefined || expect(tools.map(({ name }) => name)).toEqual(['t0', 't1', 't2'])
      }
      case 2:
        return random(3) === 0 ? client.close() : client.notify('notifications/hello').catch(expected)
      default: {
        const args = { n, pad: random(4) === 0 ? 'z'.repeat(random(300_000)) : '' }
        const result = await client.callTool('echo', args, { ...options, onProgress() {} }).catch(expected)
        // an answer is the one to this very call
        return result === undefined || expect(result.content).toEqual([{ type: 'text', text: String(n) }])
      }
    }
  })
}

/** Lets the errors pass that are an honest outcome, and no other. */
function expected(error: unknown): undefined {
  const kinds = [ConnectionError, RpcError, InvalidResultError, NegotiationError, ServerStartError, Aborted]
  if (!kinds.some((kind) => error instanceof kind)) throw error
  expect(error).toHaveProperty('message', expect.stringMatching(/.|^$/))
}

function pidsOf(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const [, pid] = /^pid (\d+)$/.exec(line) ?? []
    return pid === undefined ? [] : [Number(pid)]
  })
}

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not settle`)), HANGS_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Numbers from 0 to below `below`, the same ones for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed * 0x9e3779b9 + 1
  return (below) => {
    // xorshift needs no more than 32 bits
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}
