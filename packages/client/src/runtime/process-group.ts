import { readdirSync, readFileSync } from 'node:fs'
import { endWithParent, spareFromExit } from './exit-hook.ts'
import type { GroupSignal } from './spawn-types.ts'

/** The processes a child has started and that stayed with it. */
export interface ProcessGroup {
  signal(signal: GroupSignal): void
  alive(): boolean
}

export interface ProcessGroupOptions {
  /** Pid of the leader, which on POSIX is the id of the group. */
  pid: number
  leaderRunning: () => boolean
  /** Runs a command to its end. Used on Windows only. */
  run: (command: string, args: string[]) => void
}

export const windows: boolean = process.platform === 'win32'

/**
 * Watches over the group of a child that was started detached. It is ended with this process at the latest.
 * On Windows, where this is untested, the group is the tree that `taskkill` finds and lives as long as its leader.
 */
export function createProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const group = windows ? processTree(options) : posixGroup(options)
  endWithParent(group)
  return group
}

function posixGroup({ pid, leaderRunning }: ProcessGroupOptions): ProcessGroup {
  // once it was seen empty its id may be given to somebody else, who must not be signalled
  let gone = false

  const group: ProcessGroup = {
    signal(signal) {
      if (gone) return
      try {
        process.kill(-pid, signal)
      } catch {
        // nobody is left (ESRCH) or nobody may be signalled (EPERM): `alive` tells, and there is nothing more to do
      }
    },
    alive() {
      if (gone) return false
      if (leaderRunning() || (reachable(pid) && !onlyZombies(pid))) return true
      gone = true
      spareFromExit(group)
      return false
    },
  }
  return group
}

function reachable(pgid: number): boolean {
  try {
    process.kill(-pgid, 0)
    return true
  } catch {
    // ESRCH: empty. EPERM: only processes of another user, which cannot be ended from here.
    return false
  }
}

/** A dead orphan stays visible until init reaps it, which in a container may be never. */
function onlyZombies(pgid: number): boolean {
  let entries: string[]
  try {
    entries = readdirSync('/proc')
  } catch {
    // no procfs on this system: what can be signalled counts as alive
    return false
  }
  for (const entry of entries) {
    if (isDigit(entry.charCodeAt(0)) && livesIn(pgid, entry)) return false
  }
  return true
}

function livesIn(pgid: number, pid: string): boolean {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    // it ended between the listing and the look
    return false
  }
  // "pid (name) state ppid pgrp ...", and the name may hold spaces and parentheses
  const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3)
  return Number(pgrp) === pgid && state !== 'Z' && state !== 'X'
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function processTree({ pid, leaderRunning, run }: ProcessGroupOptions): ProcessGroup {
  const tree: ProcessGroup = {
    signal(signal) {
      if (!leaderRunning()) return
      run('taskkill', signal === 'SIGKILL' ? ['/pid', String(pid), '/T', '/F'] : ['/pid', String(pid), '/T'])
    },
    alive() {
      if (leaderRunning()) return true
      spareFromExit(tree)
      return false
    },
  }
  return tree
}
