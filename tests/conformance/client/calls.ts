import type { Client } from '@bao-mcp/client'
import { expectText, type Scenario, talk, textOf } from './talk.ts'

/** Opens a conversation and sees that the other side is there. */
export const greet: Scenario = async (situation) => {
  await using client = await talk(situation)
  await client.ping()
}

export const addNumbers: Scenario = async (situation) => {
  await using client = await talk(situation)
  await client.listTools()
  expectText(await textOf(client, 'add_numbers', { a: 5, b: 3 }), 'The sum of 5 and 3 is 8')
}

/** Says yes to a form without filling in any of it. */
export const acceptDefaults: Scenario = async (situation) => {
  await using client = await talk(situation, { on: { elicitation: () => ({ action: 'accept' }) } })
  await client.listTools()
  const text = await textOf(client, 'test_client_elicitation_defaults')
  const filled = { name: 'John Doe', age: 30, score: 95.5, status: 'active', verified: true }
  expectText(text, `Elicitation completed: ${JSON.stringify(filled)}`)
}

/** Calls a tool whose answer comes on another stream than it was asked for on. */
export const comeBack: Scenario = async (situation) => {
  await using client = await talk(situation)
  await client.listTools()
  expectText(await textOf(client, 'test_reconnection'), 'Reconnection test completed successfully')
}

/** Declares all that a client can declare. */
export const declareAll: Scenario = async (situation) => {
  await using client = await talk(situation, {
    on: {
      elicitation: () => ({ action: 'decline' }),
      sampling: () => 'declined',
      roots: [{ uri: 'file:///srv/project' }],
    },
  })
  await client.listTools()
  await client.callTool('anything')
}

/** Answers questions of two tools, and calls another one while they wait. */
export const answerQuestions: Scenario = async (situation) => {
  let client: Client | undefined
  await using open = await talk(situation, {
    on: {
      async elicitation() {
        if (client === undefined) throw new Error('it was asked before the client was there')
        expectText(await textOf(client, 'test_mrtr_unrelated'), 'unrelated-ok')
        return { action: 'accept', content: { confirmed: true } }
      },
    },
  })
  client = open
  await client.listTools()
  expectText(await textOf(client, 'test_mrtr_echo_state'), 'echo-state-ok')
  expectText(await textOf(client, 'test_mrtr_no_state'), 'no-state-ok')
  expectText(await textOf(client, 'test_mrtr_no_result_type'), 'no-result-type-test-ok')
}

/** Takes a tool whose schema leads somewhere else. */
export const readForeignSchema: Scenario = async (situation) => {
  await using client = await talk(situation)
  const tools = await client.listTools()
  expectText(tools.map(({ name }) => name).join(), 'lookup_user')
}

/** Sends a schema back as it came. */
export const echoSchema: Scenario = async (situation) => {
  await using client = await talk(situation)
  const tools = await client.listTools()
  const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema
  if (schema === undefined) throw new Error('the tool json_schema_2020_12_tool is not listed')
  expectText(await textOf(client, 'json_schema_echo', { schema }), 'echoed')
}
