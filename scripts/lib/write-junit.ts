/** One result of a run that is no test runner's. */
export interface ReportedCase {
  /** The path of its groups and its own name, joined by ` > `. */
  name: string
  /** Why it failed; undefined when it passed. */
  problem: string | undefined
}

/** A JUnit report of results that all belong to one file, relative to the root. */
export function writeJunit(cases: readonly ReportedCase[], file: string): string {
  const failures = cases.filter(({ problem }) => problem !== undefined).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    ...cases.map((one) => testCase(one, file)),
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase({ name, problem }: ReportedCase, file: string): string {
  const head = `  <testcase name="${escaped(name)}" file="${escaped(file)}"`
  return problem === undefined ? `${head} />` : `${head}><failure message="${escaped(problem)}" /></testcase>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign).replace(/\s+/g, ' ')
}
