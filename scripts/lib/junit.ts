/** One leaf of a report. `name` is the path of its suites and its own name, joined by ` > `, without the file. */
export interface TestCase {
  name: string
  /** As the runner wrote it; absent in the dialect of Node 22. */
  file?: string
  outcome: 'passed' | 'failed' | 'skipped'
  message?: string
}

/** A report that is missing, cut short, or holds no test: proof that a run did not happen as it says. */
export class ReportError extends Error {
  override readonly name = 'ReportError'
}

interface Suite {
  name: string
  /** Bun opens one suite per file and names it after the file. */
  isFile: boolean
}

interface Walk {
  suites: Suite[]
  current: TestCase | undefined
  cases: TestCase[]
  promised: number
}

const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*"[^"]*")*)\s*(\/?)>/g
const attribute = /([\w:.-]+)\s*=\s*"([^"]*)"/g

/**
 * Reads a JUnit report in the dialects of `bun test` and `node --test`: suites nest to any depth, errors are failures.
 * Counts leaves, and trusts the totals of the head only when they admit more failures than the leaves do.
 *
 * @throws {ReportError} when the text is no complete report or holds no test case
 */
export function readJunit(xml: string): TestCase[] {
  if (!/<testsuites?\b/.test(xml)) throw new ReportError('no report was written')
  if (!/<\/testsuites?>\s*$/.test(xml)) throw new ReportError('the report is cut short')
  const walk: Walk = { suites: [], current: undefined, cases: [], promised: 0 }
  for (const [, closing, tag, attributes, selfClosing] of xml.matchAll(token)) {
    if (tag === undefined) continue
    if (closing) leave(walk, tag)
    else enter(walk, tag, readAttributes(attributes ?? ''), selfClosing === '/')
  }
  if (walk.cases.length === 0) throw new ReportError('the report holds no test')
  const admitted = walk.cases.filter((each) => each.outcome === 'failed').length
  for (let hidden = admitted; hidden < walk.promised; hidden++) {
    walk.cases.push({ name: 'a failure that the report counts and does not name', outcome: 'failed' })
  }
  return walk.cases
}

function enter(walk: Walk, tag: string, attributes: Map<string, string>, selfClosing: boolean): void {
  const name = attributes.get('name') ?? ''
  if (tag === 'testsuites') {
    walk.promised = Number(attributes.get('failures') ?? 0) + Number(attributes.get('errors') ?? 0)
  } else if (tag === 'testsuite') {
    if (!selfClosing) walk.suites.push({ name, isFile: name === attributes.get('file') })
  } else if (tag === 'testcase') {
    const opened: TestCase = { name: pathOf(walk.suites, name), outcome: 'passed' }
    const file = attributes.get('file') ?? walk.suites.find((suite) => suite.isFile)?.name
    if (file !== undefined) opened.file = file
    walk.cases.push(opened)
    walk.current = selfClosing ? undefined : opened
  } else if (tag === 'failure' || tag === 'error') {
    const failed = walk.current ?? { name: pathOf(walk.suites, `(${tag})`), outcome: 'failed' }
    if (walk.current === undefined) walk.cases.push(failed)
    failed.outcome = 'failed'
    failed.message = attributes.get('message') ?? ''
  } else if (tag === 'skipped' && walk.current?.outcome === 'passed') {
    walk.current.outcome = 'skipped'
    walk.current.message = attributes.get('message') ?? ''
  }
}

function leave(walk: Walk, tag: string): void {
  if (tag === 'testsuite') walk.suites.pop()
  else if (tag === 'testcase') walk.current = undefined
}

function pathOf(suites: readonly Suite[], name: string): string {
  return [...suites.filter((suite) => !suite.isFile).map((suite) => suite.name), name].join(' > ')
}

function readAttributes(text: string): Map<string, string> {
  return new Map([...text.matchAll(attribute)].map(([, key = '', value = '']) => [key, plain(value)]))
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function plain(text: string): string {
  const once = text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_, hex, decimal, named) =>
    named === undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
      : (entities[named] ?? ''),
  )
  // Node escapes a quote and then the ampersand of that escape.
  return once.replaceAll('&quot;', '"')
}
