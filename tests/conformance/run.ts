#!/usr/bin/env bun
// Lets the official conformance suite judge this project, and judges its verdict.
// usage: bun tests/conformance/run.ts [--only server|client] [--rev 2025-11-25|2026-07-28|all] [--json] [--junit <file>]
//        [--write-anchor]
import { paint, say } from '../../scripts/lib/console.ts'
import { endChildrenOnSignal } from '../../scripts/lib/run.ts'
import { growAnchor, readAnchor, readOptional, writeAnchor } from './anchor.ts'
import { type GateArguments, readGateArguments, sides } from './arguments.ts'
import { hasClient } from './contestant.ts'
import { judgeSide } from './gate.ts'
import { createProgress } from './progress.ts'
import { junit, sayMatch, tally } from './report.ts'

const options = readOptions()
endChildrenOnSignal()
const anchor = await readAnchor()
const optional = await readOptional()
const progress = createProgress()
const chosen = sides.filter((side) => (options.only ?? side) === side && (side === 'server' || hasClient))
if (chosen.length === 0) refuse('there is no tests/conformance/client.ts to judge yet')

const lanes = chosen.map((side) =>
  judgeSide({
    side,
    runs: options.runs,
    anchor,
    optional,
    onStart: progress.start,
    onEnd(match) {
      progress.end(match.name)
      if (!options.json) sayMatch(match)
    },
  }),
)
const matches = (await Promise.all(lanes)).flat()
progress.stop()

if (options.writeAnchor) {
  const grown = matches.reduce((all, { name, verdicts }) => growAnchor(all, name, verdicts), anchor)
  await writeAnchor(grown)
}
if (options.junit !== undefined) await Bun.write(options.junit, junit(matches, 'tests/conformance/run.ts'))
const sum = tally(matches)
if (options.json) say(JSON.stringify({ ...sum, matches }))
else say(`${sum.passed} passed, ${sum.failed} failed${sum.excused > 0 ? `, ${sum.excused} optional` : ''}`)
process.exitCode = sum.failed > 0 ? 1 : 0

function readOptions(): GateArguments {
  try {
    return readGateArguments(process.argv.slice(2), Boolean(process.env.CI))
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** The run did not happen, which is not the same as a run that failed. */
function refuse(message: string): never {
  say(paint.bad(message))
  process.exit(2)
}
