import { expect, test } from 'bun:test'
import { createFakeClock, eras, settle } from '@bao-mcp/protocol/testing'
import { httpHandler } from '@bao-mcp/server/http'
import { GROUPS } from '../flags.ts'
import { type OpenBridge, openBridge } from '../testing/open-bridge.ts'

const MODERN = '2026-07-28'
const textOf = ({ content: [block] }: { content: { type: string; text?: unknown }[] }): string => String(block?.text)
const sent = ({ fake }: OpenBridge, method: string): string[] =>
  fake.requests.filter((one) => one.method === method && !one.url.includes('/search')).map(({ url }) => url)
const NEW = { project: 'DEMO', type: 'Task', summary: 'x' }

/** A step of an issue that leads to its end, with what it asks for. */
async function lastStep({ jira }: OpenBridge) {
  const done = (await jira.transitions('DEMO-32', {})).find(({ to }) => to.category === 'done')
  return { key: 'DEMO-32', to: done?.id ?? '', fields: { resolution: { name: 'Done' } } }
}

test.each([403, 429, 503])(
  'a write that was done is told as done although Jira answers %i about its address',
  async (status) => {
    await using open = await openBridge({ isGateway: true })
    open.fake.fail({ path: /serverInfo/, status, times: 100 })
    for (const [name, args] of [
      ['jira_add_comment', { key: 'DEMO-1', body: 'x' }],
      ['jira_update_issue', { key: 'DEMO-1', summary: 'x' }],
      ['jira_transition_issue', await lastStep(open)],
      ['jira_create_issue', NEW],
    ] as const) {
      const { structured, isError } = await open.client.callTool(name, args)
      expect([name, isError ?? false, Object(structured).isDryRun]).toEqual([name, false, false])
      expect(structured).not.toHaveProperty('url')
    }
  },
)

test('the address of a site behind the gateway is asked for before a write, and once', async () => {
  await using open = await openBridge({ isGateway: true })
  for (const body of ['one', 'two']) {
    const { structured } = await open.client.callTool('jira_add_comment', { key: 'DEMO-1', body })
    expect(Object(structured).url).toMatch(/^http.+\/browse\/DEMO-1$/)
  }
  expect(open.fake.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    expect.stringContaining('/serverInfo'),
    'POST /rest/api/3/issue/DEMO-1/comment',
    'POST /rest/api/3/issue/DEMO-1/comment',
  ])
})

test('a transition takes no text past the question about it', async () => {
  await using open = await openBridge()
  const { fields, ...step } = await lastStep(open)
  const refused = await open.client.callTool('jira_transition_issue', {
    ...step,
    fields: { ...fields, description: 'x', summary: 'y' },
  })
  expect([refused.isError, textOf(refused)]).toEqual([
    true,
    expect.stringContaining('must not hold summary, description'),
  ])
  expect(textOf(refused)).toContain('change them with jira_update_issue')
  expect(sent(open, 'POST')).toEqual([])
})

test.each([...eras])('who agreed to lose a text is asked again when it is another one by then (%s)', async (pin) => {
  const asked: string[] = []
  const elicitation = async ({ message }: { message: string }) => {
    asked.push(message)
    // just as long, so that its length tells nothing
    const other = asked.length === 1 ? 'b' : undefined
    if (other !== undefined) await open.jira.update('DEMO-1', open.jira.bodies.update({ description: other }), {})
    return { action: 'accept' as const, content: { sure: asked.length < 2 } }
  }
  await using open = await openBridge({ client: { pin, on: { elicitation } } })
  await open.jira.update('DEMO-1', open.jira.bodies.update({ description: 'a' }), {})
  const { isError } = await open.client.callTool('jira_update_issue', { key: 'DEMO-1', description: 'mine' })
  expect([isError, asked.length]).toEqual([true, 2])
  expect((await open.jira.issue('DEMO-1', 0, {})).description).toBe('b')
})

test.each([...eras])('who agreed to a transition that somebody else was faster with is told (%s)', async (pin) => {
  const elicitation = async () => {
    const { to: id, fields } = await lastStep(open)
    await open.jira.transition('DEMO-32', open.jira.bodies.transition({ id, fields }), {})
    return { action: 'accept' as const, content: { sure: true } }
  }
  await using open = await openBridge({ client: { pin, on: { elicitation } } })
  const result = await open.client.callTool('jira_transition_issue', { ...(await lastStep(open)), comment: 'Done' })
  expect([result.isError, textOf(result)]).toEqual([true, expect.stringContaining('DEMO-32 has no transition')])
  expect(sent(open, 'POST').length).toBe(1)
})

test('what was agreed to once is done once', async () => {
  await using open = await openBridge()
  await using handler = httpHandler(open.bridge.server, {})
  const call = async (name: string, args: object, more: object = {}) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    }
    const answer = await handler(
      new Request('http://localhost:3000/mcp', {
        method: 'POST',
        headers: {
          host: 'localhost:3000',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': MODERN,
          'mcp-method': 'tools/call',
          'mcp-name': name,
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: args, ...more, _meta },
        }),
      }),
    )
    const text = await answer.text()
    return JSON.parse(
      text.startsWith('{')
        ? text
        : (text
            .match(/^data: (.+)$/gm)
            ?.at(-1)
            ?.slice(6) ?? ''),
    )
  }
  for (const [name, args] of [
    ['jira_update_issue', { key: 'DEMO-1', description: 'mine' }],
    ['jira_transition_issue', { ...(await lastStep(open)), comment: 'Done' }],
  ] as const) {
    const { result } = await call(name, args)
    const [question = ''] = Object.keys(result.inputRequests)
    const agreed = {
      inputResponses: { [question]: { action: 'accept', content: { sure: true } } },
      requestState: result.requestState,
    }
    expect((await call(name, args, agreed)).result.isError ?? false).toBe(false)
    const { error } = await call(name, args, agreed)
    expect([name, error.code, error.message]).toEqual([name, -32602, expect.stringContaining('was used before')])
  }
})

test('a write that waits to be sent again is not sent once its tool is switched off', async () => {
  const clock = createFakeClock()
  await using open = await openBridge({ jira: { clock, maxWaitMs: 20_000 } })
  open.fake.fail({ path: /comment/, method: 'POST', status: 429, retryAfter: 2 })
  const calling = open.client.callTool('jira_add_comment', { key: 'DEMO-1', body: 'x' })
  while (clock.timers !== 1 || sent(open, 'POST').length === 0) await settle()
  open.bridge.setFlags({ write: false, groups: new Set(GROUPS) })
  await clock.advance(2_000)
  const result = await calling
  expect([result.isError, textOf(result)]).toEqual([
    true,
    'jira_add_comment was switched off before this was sent. Nothing was changed.',
  ])
  expect(sent(open, 'POST').length).toBe(1)
})

test.each([
  ['a page', () => new Response('<html>proxy</html>', { headers: { 'content-type': 'text/html' } })],
  ['nothing', () => new Response('', { status: 201 })],
  ['another object', () => Response.json({ ok: true }, { status: 201 })],
  ['a redirect', () => new Response(null, { status: 303, headers: { location: 'https://elsewhere.example.com' } })],
])('a write that %s comes back for may have been made, and it says so', async (_, answer) => {
  await using open = await openBridge({
    answer: ({ method, path }) => (method === 'POST' && /\/(issue|comment)$/.test(path) ? answer() : undefined),
  })
  for (const [name, args] of [
    ['jira_create_issue', NEW],
    ['jira_add_comment', { key: 'DEMO-1', body: 'x' }],
  ] as const) {
    const result = await open.client.callTool(name, args)
    expect([name, result.isError, textOf(result)]).toEqual([
      name,
      true,
      expect.stringMatching(/The change may have been made: look before you repeat it\.$/),
    ])
    expect(Object(result._meta?.['jira-bridge/error']).failure).toBe('unexpected')
  }
})

test('a result names who was found for the assignee', async () => {
  await using open = await openBridge()
  for (const dryRun of [true, false]) {
    for (const [name, args] of [
      ['jira_create_issue', { ...NEW, assignee: 'tester' }],
      ['jira_update_issue', { key: 'DEMO-3', assignee: 'tester' }],
    ] as const) {
      const { structured } = await open.client.callTool(name, { ...args, dryRun })
      expect(structured).toMatchObject({ isDryRun: dryRun, assignee: { name: 'Tester' } })
    }
  }
})
