import { expect } from 'bun:test'
import type { Changed } from '../drivers/http-driver.ts'
import { WATCHED } from '../fixtures/texts.ts'
import type { Scenario } from './features-reading.ts'

const KINDS: Changed[] = ['tools', 'prompts', 'resources']

/** What an official client hears of without having asked at that moment. */
export const changing: Readonly<Record<string, Scenario>> = {
  async 'hears of the updates of a resource it has subscribed to, and of none before or after [MCP-167]'(client) {
    const { updates } = client.heard
    await client.call('touch')
    const subscription = await client.subscribe(WATCHED)
    await client.call('touch')
    expect(await updates.until((uri) => uri === WATCHED)).toBe(WATCHED)
    await subscription.end()
    await client.call('touch')
    // what is told of a list comes after what would have been told of the resource
    client.heard.changes.clear()
    await client.call('add_all')
    await client.heard.changes.until((kind) => kind === 'tools')
    expect(updates.items).toEqual([WATCHED])
  },

  async 'hears that each of the lists has changed, and finds what is new [MCP-176]'(client) {
    const { changes } = client.heard
    changes.clear()
    const name = (await client.call('add_all')).text
    for (const kind of KINDS) await changes.until((changed) => changed === kind)
    expect(await client.call(name)).toMatchObject({ text: name, isError: false })
    expect(await client.read(`x:${name}`)).toMatchObject({ contents: [{ text: name }] })
    expect(await client.prompt(name)).toMatchObject({ messages: [{ content: { text: name } }] })
  },
}
