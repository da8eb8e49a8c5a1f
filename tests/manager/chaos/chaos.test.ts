import { expect, setDefaultTimeout, test } from 'bun:test'
import { beatFor, startBeat } from './beat.ts'
import { type Call, contradictions } from './calls.ts'
import { runCampaign } from './campaign.ts'
import { FAULTS } from './faults.ts'
import { listenedOn, ownPorts } from './leftovers.ts'
import { makePlan } from './plan.ts'
import { reportOf } from './report.ts'
import { seeded } from './seeded.ts'
import { openWorld } from './world.ts'

setDefaultTimeout(60_000)

const seed = Number(process.env.BAO_CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000))
const WARM_UP_CALLS = 8
const CALM_CALLS = 40

test(`twenty servers, half of them struck: calls settle, run at most once, and the others never notice: BAO_CHAOS_SEED=${seed}`, async () => {
  const { roles, campaigns } = makePlan(seeded(seed, 'plan'))
  const portsBefore = ownPorts()
  await using world = await openWorld({ roles, seed })
  const { manager, calls } = world
  const healthy = [...roles].filter(([, role]) => role === 'healthy').map(([{ name }]) => name)

  async function neighbours(): Promise<void> {
    expect(failures(await Promise.all(healthy.map((name) => calls.make(name, 'add'))))).toEqual([])
  }

  await beatFor(calls, healthy, WARM_UP_CALLS)
  const calmCalls = await beatFor(calls, healthy, CALM_CALLS)
  using beat = startBeat(calls, healthy)
  const recoveries = await Promise.all(
    [...campaigns].map(([member, faults]) => runCampaign(faults, { world, member, neighbours }, seed)),
  )
  const chaosCalls = await beat.stop()
  const restarts = healthy.map((name) => manager.snapshot().servers.find((server) => server.name === name)?.restarts)

  await manager.close()
  const webPids = [...world.web.values()].map(({ pid }) => pid)
  expect(world.pidsOf().toSorted()).toEqual(webPids.toSorted())
  await Promise.all([...world.web.values()].map((server) => server[Symbol.asyncDispose]()))
  await world.gate[Symbol.asyncDispose]()
  expect([world.pidsOf(), listenedOn(world.ports), ownPorts()]).toEqual([[], [], portsBefore])

  console.log(
    `BAO_CHAOS_SEED=${seed}\n${reportOf({ calm: calmCalls, chaos: chaosCalls, sick: calls.all.filter(({ server }) => !healthy.includes(server)), recoveries: recoveries.flat() })}`,
  )
  expect(contradictions(calls.all, world.journal)).toEqual([])
  expect(failures([...calmCalls, ...chaosCalls])).toEqual([])
  expect(restarts).toEqual(healthy.map(() => 0))
  // it was no fair weather
  const struck = new Set(recoveries.flat().map(({ fault }) => fault))
  expect(FAULTS.map(({ kind }) => kind).filter((kind) => !struck.has(kind))).toEqual([])
})

function failures(calls: readonly Call[]): string[] {
  return calls.flatMap(({ id, outcome }) => {
    if (outcome?.kind === 'answered') return []
    return [`${id} ${outcome?.kind === 'failed' ? String(outcome.error) : outcome?.kind}`]
  })
}
