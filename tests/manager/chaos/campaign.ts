import { ManagerError } from '@bao-mcp/client'
import type { Call, Outcome } from './calls.ts'
import type { Fault, Scene } from './faults.ts'
import { seeded } from './seeded.ts'

/** How long it took from the moment on from which a server could answer until it did, in milliseconds. */
export interface Recovery {
  readonly fault: string
  readonly server: string
  readonly tookMs: number
}

const BEFORE = 6
const AFTER = 3

/** Lets one fault after the other strike a server under load, each when the one before is overcome. */
export async function runCampaign(faults: readonly Fault[], scene: Scene, seed: number): Promise<Recovery[]> {
  const below = seeded(seed, scene.member.name)
  const recoveries: Recovery[] = []
  const { world, member } = scene
  for (const { kind, strike } of faults) {
    const load = kind === 'clock jump' ? [] : calls(BEFORE)
    // mostly some calls have been worked on by then, and some are in the middle of it
    if (load.length > 0 && below(3) > 0) await Promise.race(load)
    await strike(scene)
    const from = performance.now()
    load.push(...calls(AFTER))
    await answered(scene, kind)
    recoveries.push({ fault: kind, server: member.name, tookMs: performance.now() - from })
    await Promise.all(load)
  }
  return recoveries

  function calls(times: number): Promise<Call>[] {
    return Array.from({ length: times }, () => world.calls.make(member.name, below(3) > 0 ? 'add' : 'read'))
  }
}

/** Calls until it is answered, as somebody does who heeds what errors say. */
async function answered({ world, member }: Scene, kind: string): Promise<void> {
  for (;;) {
    const { outcome } = await world.calls.make(member.name, 'read')
    if (outcome.kind === 'answered') return
    if (outcome.kind === 'hung') throw new Error(`a call of ${member.name} hung after ${kind}`)
    const { state, reason } = world.manager.serverInfo(member.name)
    if (!['ready', 'degraded', 'starting', 'backing-off'].includes(state)) {
      throw new Error(`${member.name} does not recover from ${kind}, it is ${state}: ${reason}`)
    }
    await advised(outcome)
  }
}

function advised(outcome: Outcome): Promise<void> {
  const error = outcome.kind === 'failed' ? outcome.error : undefined
  const pauseMs = error instanceof ManagerError ? (error.retryAfterMs ?? 0) : 0
  return new Promise((resolve) => setTimeout(resolve, pauseMs))
}
