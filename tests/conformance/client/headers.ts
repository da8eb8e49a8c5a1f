import { type Scenario, talk, textOf } from './talk.ts'

/** Asks for one of everything. */
export const askEverything: Scenario = async (situation) => {
  await using client = await talk(situation)
  for (const { name } of await client.listTools()) await textOf(client, name)
  for (const { uri } of await client.listResources()) await client.readResource(uri)
  for (const { name } of await client.listPrompts()) await client.getPrompt(name)
}

/** Makes the calls that the scenario names. */
export const makeCalls: Scenario = async (situation) => {
  await using client = await talk(situation)
  await client.listTools()
  for (const call of situation.context.calls('toolCalls')) await textOf(client, call.name, call.arguments)
}

/** Calls every tool that the client lets through. */
export const callAll: Scenario = async (situation) => {
  await using client = await talk(situation)
  for (const { name } of await client.listTools()) await textOf(client, name, { region: 'us-west1' })
}
