import { test } from 'bun:test'
import { createSessionManager } from './create-manager.ts'
test('smoke', async () => {
  const m = createSessionManager()
  const log: string[] = []
  const reading = (async () => { for await (const e of m.events(0)) log.push(JSON.stringify(e)) })()
  const echo = { command: process.execPath, args: ['/work/main/apps/echo/src/main.ts'] }
  const infos = await Promise.all([m.add('a', echo), m.add('b', echo), m.add('bad', { command: 'no-such-thing' })])
  console.log(infos)
  console.log(await m.ready())
  console.log(await m.callTool('a', 'echo', { text: 'hi' }))
  console.log(String(await m.callTool('a', 'ecko', { text: 'hi' }).catch((e) => e)))
  console.log(String(await m.callTool('c', 'ecko', { text: 'hi' }).catch((e) => e)))
  console.log(String(await m.callTool('bad', 'ecko', { text: 'hi' }).catch((e) => e)))
  console.log(m.snapshot().servers[0])
  await m.close()
  await reading
  console.log(log.join('\n'))
})
