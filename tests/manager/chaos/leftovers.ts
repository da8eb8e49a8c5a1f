import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Living processes that were started with this variable of this value. */
export function carriersOf(variable: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return false
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${variable}=${value}`)
      } catch {
        // it ended while it was looked at, or belongs to somebody else
        return false
      }
    })
}

interface Listening {
  readonly port: number
  readonly inode: string
}

/** Ports among these that anybody listens on. */
export function listenedOn(ports: readonly number[]): number[] {
  const open = new Set(listening().map(({ port }) => port))
  return ports.filter((port) => open.has(port))
}

/** Ports this process listens on. */
export function ownPorts(): number[] {
  const own = new Set<string>()
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      own.add(readlinkSync(`/proc/self/fd/${descriptor}`))
    } catch {
      // the one the folder was read with
    }
  }
  return listening().flatMap(({ port, inode }) => (own.has(`socket:[${inode}]`) ? [port] : []))
}

function listening(): Listening[] {
  return ['tcp', 'tcp6'].flatMap((table) => {
    const [, ...rows] = readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n')
    return rows.flatMap((row) => {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/)
      return state === '0A' ? [{ port: Number.parseInt(local.split(':')[1] ?? '', 16), inode }] : []
    })
  })
}
