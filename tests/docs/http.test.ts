import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { createServer, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { requestOf } from './curl.ts'

const PAGE = join(import.meta.dir, '../../docs/guide/http.md')

test('the curl commands of the HTTP guide call the tool of its first example, in both eras', async () => {
  const text = await Bun.file(PAGE).text()
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '')
  const commands = blocks.flatMap((block) => block.split('\n\n')).filter((command) => command.startsWith('curl'))
  expect(commands).toHaveLength(3)
  const [modern = '', initialize = '', call = ''] = commands
  const hello = tool({ name: 'hello', run: () => 'hello' })
  await using handle = httpHandler(createServer({ name: 'greeter', version: '1.0.0', tools: [hello] }))
  const answered = { result: { content: [{ type: 'text', text: 'hello' }] } }
  expect(await (await handle(requestOf(modern))).json()).toMatchObject(answered)
  const opened = await handle(requestOf(initialize))
  const session = opened.headers.get('mcp-session-id') ?? ''
  expect(await opened.json()).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
  expect(await (await handle(requestOf(call.replace('<the id>', session)))).json()).toMatchObject(answered)
})
