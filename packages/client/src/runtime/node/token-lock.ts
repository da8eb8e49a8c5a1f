import { createHash } from 'node:crypto'
import { link, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 200
/** How long a holder on another machine, which cannot be looked at, is believed to be alive. */
const FOREIGN_HOLDER_MS = 15 * 60_000
const OWNER_FILE = 0o600

/**
 * A lock made of files, without an age after which the living lose it and without a moment in which a killed holder or
 * breaker leaves it broken. Each holding is a generation: a file `name.N` that says who holds it. Nobody ever removes
 * the newest generation; a generation that was let go of, or whose holder is dead, is followed by N+1, which exactly one
 * process can create. Older generations are swept away by the holder.
 */
export async function acquireLock(folder: string, name: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const stem = createHash('sha256').update(name).digest('hex').slice(0, 32)
  const holder = JSON.stringify(await thisProcess())
  const at = (generation: number): string => join(folder, `${stem}.${generation}`)
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted()
    const newest = newestOf(await entries(folder, stem))
    const mine = newest + 1
    if ((newest === 0 || !(await isHeld(at(newest)))) && (await create(at(mine), holder))) {
      const now = await entries(folder, stem)
      if (newestOf(now) === mine) {
        await Promise.all(
          now.filter((name) => name !== `${mine}`).map((old) => rm(join(folder, `${stem}.${old}`), { force: true })),
        )
        return release(at(mine))
      }
      // what was read as the newest was swept away meanwhile: the place was free because others are far ahead
      await rm(at(mine), { force: true })
    }
    await pause(wait * (0.5 + Math.random() / 2), signal)
  }
}

interface Holder {
  pid: number
  /** Start of the process in ticks since the system's, where that can be told: a number that is used again is no proof. */
  started: string | undefined
  host: string
}

/** An empty file names nobody, so emptying it is letting go in one step. */
function release(place: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await truncate(place)
    },
  }
}

/** What follows the stem in the names that are there: generations, and drafts of those that are about to be. */
async function entries(folder: string, stem: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => name.startsWith(`${stem}.`)).map((name) => name.slice(stem.length + 1))
}

function newestOf(all: readonly string[]): number {
  return Math.max(0, ...all.filter((name) => /^\d{1,15}$/.test(name)).map(Number))
}

/**
 * False when somebody else was faster. A link brings its content along, so no half-written holder is ever read; a draft
 * that a holder swept away is made again.
 */
async function create(place: string, holder: string): Promise<boolean> {
  const draft = `${place}.${crypto.randomUUID()}`
  try {
    await writeFile(draft, holder, { mode: OWNER_FILE })
    await link(draft, place)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST') || isCode(error, 'ENOENT')) return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal })
  } catch {
    // the only thing that ends it early is the signal, whose reason is what the caller gave
    signal?.throwIfAborted()
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function isHeld(place: string): Promise<boolean> {
  let text: string
  let age: number
  try {
    text = await readFile(place, 'utf8')
    age = Date.now() - (await stat(place)).mtimeMs
  } catch {
    // it was swept away because a newer one is there, which the next look finds
    return true
  }
  const holder = readHolder(text)
  if (holder === undefined) return false
  if (holder.host !== hostname()) return age < FOREIGN_HOLDER_MS
  return isAlive(holder)
}

function readHolder(text: string): Holder | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return undefined
    // proof: an object, of which nothing is believed
    const { pid, started, host } = parsed as Record<string, unknown>
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined
    return { pid, started: typeof started === 'string' ? started : undefined, host }
  } catch {
    // released, or damaged by hand: nobody is named who could hold it
    return undefined
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // anything but "no such process" means that there is one
    return !isCode(error, 'ESRCH')
  }
  const now = await startOf(pid)
  return now === undefined || (now !== DEAD && (started === undefined || now === started))
}

async function thisProcess(): Promise<Holder> {
  return { pid: process.pid, started: await startOf(process.pid), host: hostname() }
}

const DEAD = 'dead'

/** When a process started; `dead` when it only waits to be reaped, undefined where that cannot be told. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // the name of the program stands in brackets and may hold anything
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? DEAD : fields[19]
  } catch {
    // there is no such folder on other systems; the number alone has to do
    return undefined
  }
}
