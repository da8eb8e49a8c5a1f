import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cell, measureRounds } from '../cells.ts'
import type { Contestant } from '../contestants.ts'
import type { Outcome } from '../job.ts'
import { lastWords } from '../last-words.ts'
import type { SectionContext } from './context.ts'

/** Bytes of the minimal stdio server as `bun build --minify --target=bun` makes it, Zod included where it is used. */
export function measureSizes({ progress }: SectionContext): Promise<Cell[]> {
  return measureRounds({
    rounds: 1,
    eras: [null],
    progress: (text) => progress(`size: ${text}`),
    measure: bundle,
    metrics: {
      'size.bytes': ({ bytes }) => bytes,
      'size.gzip': ({ gzip }) => gzip,
      'size.plain': ({ plain }) => plain,
    },
  })
}

async function bundle({ server, plainServer }: Contestant): Promise<Outcome> {
  const outcome = await bundleOne(server)
  if (plainServer === undefined || outcome.kind !== 'measured') return outcome
  const plain = await bundleOne(plainServer)
  if (plain.kind !== 'measured') return plain
  return { kind: 'measured', finding: { ...outcome.finding, plain: plain.finding.bytes ?? Number.NaN } }
}

async function bundleOne(server: string): Promise<Outcome> {
  const outdir = await mkdtemp(join(tmpdir(), 'bench-size-'))
  try {
    const command = [process.execPath, 'build', '--minify', '--target=bun', `--outdir=${outdir}`, server]
    const build = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
    const [, stderr, code] = await Promise.all([
      new Response(build.stdout).text(),
      new Response(build.stderr).text(),
      build.exited,
    ])
    if (code !== 0) return { kind: 'error', reason: lastWords(stderr) }
    let bytes = 0
    let gzip = 0
    for (const name of await readdir(outdir)) {
      const content = await Bun.file(join(outdir, name)).bytes()
      bytes += content.length
      gzip += Bun.gzipSync(content, { level: 9 }).length
    }
    return { kind: 'measured', finding: { bytes, gzip } }
  } finally {
    await rm(outdir, { recursive: true, force: true })
  }
}
