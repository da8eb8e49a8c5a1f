import { connect, type Era, stdio } from '@bao-mcp/client'
import { type Driver, type Launch, type Reply, readAnswer } from './driver.ts'

/** Connects our client. Whatever reaches it and fits nothing fails the connection's next call, or its end. */
export async function openBao(launch: Launch, pin?: Era | (string & {})): Promise<Driver> {
  const changed = Promise.withResolvers<void>()
  let asked = 0
  let reply: Reply = { action: 'cancel' }
  const strays: string[] = []
  const client = await connect(stdio(launch), {
    ...(pin !== undefined && { pin }),
    on: {
      elicitation() {
        asked++
        return reply
      },
    },
    onToolsChanged: changed.resolve,
    onStray: ({ message }) => strays.push(message),
  })

  function failOnStrays(): void {
    if (strays.length > 0) throw new Error(`the client met strays: ${strays.splice(0).join('; ')}`)
  }

  return {
    era: client.era,
    version: client.version,
    get reply() {
      return reply
    },
    set reply(next) {
      reply = next
    },
    get asked() {
      return asked
    },
    toolsChanged: changed.promise,
    async listTools() {
      failOnStrays()
      return (await client.listTools()).map(({ name }) => name)
    },
    async call(name, args, { signal, onProgress } = {}) {
      failOnStrays()
      const result = await client.callTool(name, args, {
        signal,
        ...(onProgress !== undefined && { onProgress: ({ progress }) => onProgress(progress) }),
      })
      return readAnswer(result)
    },
    ping: () => client.ping(),
    async [Symbol.asyncDispose]() {
      await client.close()
      failOnStrays()
    },
  }
}
