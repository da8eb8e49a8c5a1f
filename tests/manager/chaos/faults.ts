import type { Fault as WayFault } from '../../client-http/fault-plan.ts'
import { GivenUp } from './calls.ts'
import type { Member } from './roster.ts'
import { NO_FAULT, sessionOf, type WebServer } from './web-server.ts'
import type { Role, World } from './world.ts'

/** Where and when a fault strikes. */
export interface Scene {
  readonly world: World
  readonly member: Member
  /** Calls every healthy server once. @throws when one of these calls fails */
  neighbours(): Promise<void>
}

/** One way things go wrong. */
export interface Fault {
  readonly kind: string
  readonly role: Role
  fits(member: Member): boolean
  /** Resolves as soon as nothing is in the way of recovering any more. */
  strike(scene: Scene): Promise<void>
}

const SESSION_NOT_FOUND = '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}'

const isPiped = ({ way }: Member): boolean => way === 'stdio'
const isWeb = ({ way }: Member): boolean => way !== 'stdio'
const anyOne = (): boolean => true

export const FAULTS: readonly Fault[] = [
  {
    ...{ kind: 'kill -9', role: 'process', fits: isPiped },
    async strike(scene) {
      signal(scene, 'SIGKILL')
    },
  },
  {
    ...{ kind: 'SIGSTOP for good', role: 'process', fits: isPiped },
    async strike(scene) {
      signal(scene, 'SIGSTOP')
    },
  },
  {
    ...{ kind: 'SIGSTOP, SIGCONT', role: 'process', fits: anyOne },
    async strike(scene) {
      const stopped = signal(scene, 'SIGSTOP')
      await call(scene, 'read', 100)
      for (const pid of stopped) tell(pid, 'SIGCONT')
    },
  },
  deed('half a line', 'half_line', isPiped),
  deed('half a line, kill -9', 'half_line_and_die', isPiped),
  deed('garbage', 'garbage', isPiped),
  deed('flood', 'flood', anyOne),
  {
    ...{ kind: 'slow start', role: 'process', fits: isPiped },
    async strike(scene) {
      const { world, member, neighbours } = scene
      world.gate.close(member.name)
      signal(scene, 'SIGKILL')
      await world.gate.knocked(member.name)
      await neighbours()
      world.gate.open(member.name)
    },
  },
  {
    ...{ kind: 'stuck neighbour', role: 'process', fits: anyOne },
    async strike({ world, member, neighbours }) {
      const giveUp = new AbortController()
      const stuck = Array.from({ length: 10 }, () =>
        world.calls.make(member.name, 'hang', { timeoutMs: 60_000, signal: giveUp.signal }),
      )
      let settled = 0
      for (const one of stuck) void one.then(() => settled++)
      await neighbours()
      if (settled === stuck.length) throw new Error(`no call of ${member.name} was stuck`)
      giveUp.abort(new GivenUp('given up'))
      await Promise.all(stuck)
    },
  },
  {
    ...{ kind: 'clock jump', role: 'process', fits: isPiped },
    async strike(scene) {
      // nobody calls it, and nobody asks it for signs of life, until the clock jumps
      const { manager, jump } = scene.world
      const { sequence } = manager.snapshot()
      signal(scene, 'SIGSTOP')
      jump(3_600_000)
      for await (const event of manager.events(sequence)) {
        if (event.kind === 'state' && event.server === scene.member.name && event.to === 'backing-off') return
      }
    },
  },
  {
    ...{ kind: 'connection refused', role: 'process', fits: isWeb },
    async strike(scene) {
      const server = webOf(scene)
      await server.kill()
      await call(scene, 'read', 300)
      await server.start()
    },
  },
  loss('lost session, 404', 'text/plain', 'Session not found'),
  loss('lost session, 404 error', 'application/json', SESSION_NOT_FOUND),
  refusal('502', 502, '<!doctype html><title>Bad Gateway</title>'),
  refusal('503', 503, ''),
  {
    ...{ kind: 'answer lost', role: 'way', fits: isWeb },
    async strike(scene) {
      const server = webOf(scene)
      server.rule = ({ body }) =>
        body.includes('"tools/call"') ? { kind: 'drop_answer', reset: scene.member.name.length % 2 === 0 } : NO_FAULT
      await Promise.all([call(scene, 'add'), call(scene, 'read')])
      server.rule = () => NO_FAULT
    },
  },
]

/** A tool of the server that misbehaves. */
function deed(kind: string, tool: string, fits: Fault['fits']): Fault {
  return {
    ...{ kind, role: 'process', fits },
    strike: async (scene) => void (await call(scene, tool)),
  }
}

/** A server that does not know the sessions of before any more. */
function loss(kind: string, type: string, body: string): Fault {
  return {
    ...{ kind, role: 'way', fits: ({ hasSessions }) => hasSessions },
    async strike(scene) {
      const server = webOf(scene)
      const lost = new Set(server.sessions)
      const refused: WayFault = { kind: 'refuse', status: 404, body, headers: { 'content-type': type } }
      server.rule = (passing) => (lost.has(sessionOf(passing) ?? '') ? refused : NO_FAULT)
    },
  }
}

/** A gateway that refuses everything for some calls. */
function refusal(kind: string, status: number, body: string): Fault {
  return {
    ...{ kind, role: 'way', fits: isWeb },
    async strike(scene) {
      const server = webOf(scene)
      server.rule = () => ({ kind: 'refuse', status, body, headers: { 'retry-after': '0' } })
      await Promise.all([call(scene, 'add'), call(scene, 'read'), call(scene, 'add')])
      server.rule = () => NO_FAULT
    },
  }
}

function call({ world, member }: Scene, tool: string, timeoutMs?: number): Promise<unknown> {
  return world.calls.make(member.name, tool, timeoutMs === undefined ? {} : { timeoutMs })
}

function signal({ world, member }: Scene, name: NodeJS.Signals): number[] {
  const pids = world.pidsOf(member.name)
  for (const pid of pids) tell(pid, name)
  return pids
}

function tell(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it ended meanwhile, which is what is done with servers that were stopped
  }
}

function webOf({ world, member }: Scene): WebServer {
  const server = world.web.get(member.name)
  if (server === undefined) throw new Error(`${member.name} is no server over HTTP`)
  return server
}
