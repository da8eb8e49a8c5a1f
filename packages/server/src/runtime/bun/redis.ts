import type { OpenRedis } from '../port.ts'

/** Bun's own client, told to leave lost connections and what was not sent to whoever uses it. */
export const openRedis: OpenRedis | undefined = async (url, { timeoutMs, ended }) => {
  // loaded here because most servers have no use for it
  const { RedisClient } = await import('bun')
  const client = new RedisClient(url, {
    autoReconnect: false,
    enableOfflineQueue: false,
    connectionTimeout: timeoutMs,
  })
  await client.connect()
  client.onclose = ended
  return {
    send: (command, args) => client.send(command, args),
    subscribe: async (channel, heard) => void (await client.subscribe(channel, heard)),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close: () => client.close(),
  }
}
