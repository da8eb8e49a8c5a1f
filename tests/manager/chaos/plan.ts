import { FAULTS, type Fault } from './faults.ts'
import { type Member, ROSTER } from './roster.ts'
import type { Role } from './world.ts'

/** What happens to whom. */
export interface Plan {
  readonly roles: ReadonlyMap<Member, Role>
  readonly campaigns: ReadonlyMap<Member, readonly Fault[]>
}

const SICK_PIPES = 5
const SICK_PROCESSES_OF_WEB = 2
const SICK_WAYS = 3
/** Faults a server over a pipe goes through. */
const FAULTS_OF_A_PIPE = 4

/** The same for the same numbers. Every fault strikes at least once, and half of the servers are spared. */
export function makePlan(below: (limit: number) => number): Plan {
  const pipes = shuffled(
    ROSTER.filter(({ way }) => way === 'stdio'),
    below,
  )
  const web = shuffled(
    ROSTER.filter(({ way }) => way !== 'stdio'),
    below,
  )
  // somebody has to have sessions to lose
  const forgetful = web.filter(({ hasSessions }) => hasSessions).slice(0, 1)
  const others = web.filter((member) => !forgetful.includes(member))
  const ways = [...forgetful, ...others.slice(0, SICK_WAYS - 1)]
  const processes = others.slice(SICK_WAYS - 1, SICK_WAYS - 1 + SICK_PROCESSES_OF_WEB)
  const sickPipes = pipes.slice(0, SICK_PIPES)
  const campaigns = new Map<Member, Fault[]>()
  for (const [nth, member] of sickPipes.entries()) {
    const fitting = FAULTS.filter((fault) => fault.role === 'process' && fault.fits(member))
    // dealt in turns, so that none is left out
    const dealt = Array.from(
      { length: FAULTS_OF_A_PIPE },
      (_, turn) => fitting[(turn * SICK_PIPES + nth) % fitting.length],
    )
    campaigns.set(
      member,
      shuffled(
        dealt.filter((fault) => fault !== undefined),
        below,
      ),
    )
  }
  for (const member of [...processes, ...ways]) {
    const role: Role = ways.includes(member) ? 'way' : 'process'
    const fitting = FAULTS.filter((fault) => fault.role === role && fault.fits(member))
    campaigns.set(member, shuffled(fitting, below))
  }
  const roles = new Map(
    ROSTER.map((member) => {
      if (!campaigns.has(member)) return [member, 'healthy'] as const
      return [member, ways.includes(member) ? 'way' : 'process'] as const
    }),
  )
  return { roles, campaigns }
}

function shuffled<T>(list: readonly T[], below: (limit: number) => number): T[] {
  return list
    .map((value) => ({ value, at: below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)
}
