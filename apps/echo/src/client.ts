import { fileURLToPath } from 'node:url'
import { type Client, connect, stdio, type Transport } from '@bao-mcp/client'
import type { Era } from '@bao-mcp/protocol/revisions'

/** The way to the echo server of this folder, started with the runtime that runs this file. */
export function echoTransport(): Transport {
  return stdio({ command: process.execPath, args: [fileURLToPath(new URL('./main.ts', import.meta.url))] })
}

/** Connects to an echo server. Without `pin` the newest protocol both sides speak is found out. */
export function connectEcho(transport: Transport = echoTransport(), pin?: Era): Promise<Client> {
  return connect(transport, { info: { name: 'echo-client', version: '0.1.0' }, ...(pin !== undefined && { pin }) })
}

if (import.meta.main) {
  await using client = await connectEcho()
  const text = process.argv.slice(2).join(' ') || 'hello'
  const { structured } = await client.callTool('echo', { text })
  console.log(structured)
}
