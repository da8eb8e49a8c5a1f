import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Block, Page } from './workshop.ts'

/** How programs are started: the runtime under test stands for the one on a reader's PATH. */
export interface Runtime {
  readonly name: 'bun' | 'node'
  readonly binary: string
}

/** What was found wrong with one block. */
export interface Disagreement {
  readonly place: string
  readonly what: string
}

/**
 * Runs the programs of a page in their order, in the folder that has its files. What is served runs until the page ends.
 *
 * @returns where a program does something else than the page says
 */
export async function runPage({ path, folder, blocks }: Page, runtime: Runtime): Promise<Disagreement[]> {
  const port = freePort()
  const env = { PATH: `${commandsOf(folder, runtime)}:${process.env.PATH}`, HOME: folder, NODE_NO_WARNINGS: '1' }
  for (const { file, text } of blocks) await Bun.write(join(folder, file), asRun(text, runtime, port))
  const wrong: Disagreement[] = []
  let served: Bun.Subprocess<'ignore', 'ignore', 'pipe'> | undefined
  try {
    for (const block of blocks) {
      const { marker, file, line } = block
      if (marker.bunOnly && runtime.name !== 'bun') continue
      const say = (what: string): void => void wrong.push({ place: `${path}:${line}`, what })
      if (marker.verb === 'run') await runBlock(block, { cwd: folder, env, binary: runtime.binary }, say)
      if (marker.verb !== 'serve') continue
      // one program at a time has the port
      await end(served)
      served = Bun.spawn([runtime.binary, file], {
        cwd: folder,
        env,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
      })
      if (await answers(port, served)) continue
      say(`ended before it listened: ${beginning(await new Response(served.stderr).text())}`)
    }
  } finally {
    await end(served)
  }
  return wrong
}

/** A folder in which the runtime has the name that pages call it by. */
function commandsOf(folder: string, { name, binary }: Runtime): string {
  const bin = join(folder, '.bin')
  rmSync(bin, { recursive: true, force: true })
  mkdirSync(bin)
  symlinkSync(binary, join(bin, name))
  return bin
}

interface Surroundings {
  readonly cwd: string
  readonly env: Record<string, string>
  readonly binary: string
}

async function runBlock(
  { file, language, marker }: Block,
  { cwd, env, binary }: Surroundings,
  say: (what: string) => void,
): Promise<void> {
  const isTest = file.endsWith('.test.ts')
  const program = isTest ? [binary, 'test', `./${file}`] : [binary, file]
  const command = language === 'sh' ? ['sh', '-e', file] : program
  const child = Bun.spawn(command, { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  const { prints } = marker
  if (code !== 0) say(`exit code ${code}: ${beginning(err)}`)
  else if (err !== '' && !isTest) say(`wrote to stderr: ${beginning(err)}`)
  else if (prints !== undefined && alike(out) !== alike(prints)) say(`printed ${alike(out)} and not ${alike(prints)}`)
}

/** Enough of an error to recognise it. */
function beginning(text: string): string {
  return text.slice(0, 1500)
}

async function end(child: Bun.Subprocess | undefined): Promise<void> {
  child?.kill('SIGTERM')
  await child?.exited
}

/** The program as the page has it, on this machine: with its runtime, and on a port that is free. */
function asRun(text: string, { name, binary }: Runtime, port: number): string {
  return text
    .replaceAll(/\bbun (?=[\w-]+\.ts\b)/g, `${name} `)
    .replaceAll(/(command"?: )(['"])(?:bun|node)\2/g, (_, key: string) => `${key}${JSON.stringify(binary)}`)
    .replaceAll(/\b(port: |(?:127\.0\.0\.1|localhost):|listen\()3000\b/g, (_, before: string) => `${before}${port}`)
}

function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = probe
  probe.stop(true)
  return port
}

/** Waits until something listens on a port, or its process has ended. */
async function answers(port: number, child: Bun.Subprocess): Promise<boolean> {
  while (child.exitCode === null) {
    // nobody listening yet is what is waited out
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } }).catch(() => undefined)
    if (socket !== undefined) {
      socket.end()
      return true
    }
    await Bun.sleep(5)
  }
  return false
}

/** Bun and Node print the same value with other line breaks, quotes and commas. */
export function alike(printed: string): string {
  return printed
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/,(?= ?[}\]])/g, '')
    .replaceAll("'", '"')
    .trim()
}
