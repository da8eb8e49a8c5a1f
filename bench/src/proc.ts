/** What Linux knows about a process, read from /proc. Absent processes count as nothing. */
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second in /proc/<pid>/stat: the kernel's USER_HZ, 100 on every Linux that Bun runs on. */
export const TICKS_PER_SECOND = 100

/** utime + stime + cutime + cstime of one /proc/<pid>/stat line, in ticks.
 *  @throws {Error} when the line is not one */
export function ticksOfStat(stat: string): number {
  // The command name stands in parentheses and may hold spaces and parentheses itself: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).map(Number)
  if (ticks.length !== 4 || ticks.some(Number.isNaN)) throw new Error(`not a /proc stat line: ${stat}`)
  return ticks.reduce((sum, part) => sum + part, 0)
}

/** A `Name:   1234 kB` row of /proc/<pid>/status, in KiB; undefined when it is not there. */
export function kibOfStatus(status: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)
  return found ? Number(found[1]) : undefined
}

/** CPU time of a process and its living and reaped descendants, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  const own = stat ? ticksOfStat(stat) / TICKS_PER_SECOND : 0
  return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), own)
}

/** Resident and peak resident memory of a process and its living descendants, in KiB. */
export function residentKib(pid: number): { now: number; peak: number } {
  const status = read(`/proc/${pid}/status`) ?? ''
  const own = { now: kibOfStatus(status, 'VmRSS') ?? 0, peak: kibOfStatus(status, 'VmHWM') ?? 0 }
  return childrenOf(pid)
    .map(residentKib)
    .reduce((sum, child) => ({ now: sum.now + child.now, peak: sum.peak + child.peak }), own)
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid)
    .flatMap((thread) => (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' '))
    .filter(Boolean)
    .map(Number)
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    // The process ended between two reads: it has no threads any more.
    return []
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A process that has ended has no file here, and its caller counts it as nothing.
    return undefined
  }
}
