import { createRandom } from '/work/main/packages/protocol/src/testing/index.ts'
import { randomSession } from '/work/main/tests/wire/session.ts'
import { clientSession } from '/work/main/tests/wire/client-session.ts'
import { judge } from '/work/main/tests/wire/judge.ts'
for (const rev of ['2024-11-05','2025-06-18','2025-11-25','2026-07-28'] as const) {
  for (const who of ['server','client'] as const) {
    const lines = who==='server' ? (await randomSession(createRandom(7), rev, 1500)).lines : await clientSession(createRandom(7), rev, 1500)
    const v = judge(lines, who, rev)
    const c: Record<string, number> = {}
    for (const j of v.judged) { const k = j.place+' '+j.method; c[k]=(c[k]??0)+1 }
    for (const l of lines) if (l.from===who) { const m = JSON.parse(l.text); if (m.error) { const k='error '+m.error.code+' '+m.error.message.slice(0,24); c[k]=(c[k]??0)+1 } }
    console.log(rev, who, v.messages, v.problems.length, JSON.stringify(c))
  }
}
process.exit(0)
