import { expect, test } from 'bun:test'
import { isJsonObject } from '@bao-mcp/protocol/engine'
import { connect } from '../connect.ts'
import { asking, FORM } from '../testing/asking-server.test.kit.ts'
import { LEGACY, ofEra, scripted } from '../testing/scripted-server.test.kit.ts'
import { tasks } from './tasks.ts'

test('the tasks of 2025-11-25 are not declared, nor asked for from a server that declares them [MCP-292]', async () => {
  const capabilities = { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }
  const server = scripted(
    ofEra('legacy', (message, wire) => wire.answer(message, { content: [], tools: [] }), { capabilities }),
  )
  await using client = await connect(server, {
    extensions: [tasks()],
    on: { elicitation: () => ({ action: 'decline' }) },
  })
  await client.listTools()
  await client.callTool('it', { a: 1 })
  const { params: greeting } = await server.got('initialize')
  expect(greeting).toMatchObject({ protocolVersion: LEGACY, capabilities: { elicitation: {} } })
  expect(greeting?.capabilities).not.toHaveProperty('tasks')
  for (const { params } of server.received) expect(params ?? {}).not.toHaveProperty('task')
  expect(server.methods.filter((method) => method?.startsWith('tasks/'))).toEqual([])
})

test('a question that asks for such a task is answered as any other [MCP-292]', async () => {
  const plain = asking('legacy', 'elicitation/create', FORM)
  const augmented = asking('legacy', 'elicitation/create', { ...FORM, task: { ttl: 60_000 } })
  const answers: unknown[] = []
  for (const server of [plain, augmented]) {
    const elicitation = () => ({ action: 'accept', content: { name: 'Ada' } }) as const
    await using client = await connect(server, { on: { elicitation } })
    await client.callTool('register')
    answers.push((await server.told()).result)
  }
  expect(answers[0]).toMatchObject({ action: 'accept', content: { name: 'Ada' } })
  expect(answers[1]).toEqual(isJsonObject(answers[0]) ? answers[0] : {})
})
