import type { Channel } from '../jsonrpc/channel.ts'
import type { JsonRpcMessage } from '../jsonrpc/message.ts'

/** What a channel tells its owner, as readable words. */
export function hear(channel: Channel): string[] {
  const heard: string[] = []
  channel.open({
    message: (value) => void heard.push(JSON.stringify(value)),
    unreadable: ({ kind, id, salvaged }) => void heard.push(`${kind} ${id} ${JSON.stringify(salvaged)}`),
    readEnd: ({ message }) => void heard.push(`read end: ${message}`),
    end: ({ kind, message }) => void heard.push(`end: ${kind} ${message}`),
  })
  return heard
}

/** A message that is told from others by its number. */
export const note = (n: number): JsonRpcMessage => ({ jsonrpc: '2.0', id: n, method: 'm' })
export const text = (n: number): string => JSON.stringify(note(n))
