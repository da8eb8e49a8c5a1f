import { expect, test } from 'bun:test'
import { join } from 'node:path'

test.each(['SIGINT', 'SIGTERM'] as const)(
  'prints where it is and what to sign in with, and ends on %s',
  async (signal) => {
    const fake = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts'), '--port', '0'], {
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const decoder = new TextDecoder()
    let printed = ''
    for await (const chunk of fake.stdout) {
      printed += decoder.decode(chunk, { stream: true })
      if (printed.includes('may only read')) break
    }
    const read = (name: string) => new RegExp(`${name}=(\\S+)`).exec(printed)?.[1] ?? ''
    const authorization = `Basic ${btoa(`${read('JIRA_EMAIL')}:${read('JIRA_API_TOKEN')}`)}`
    const response = await fetch(`${read('JIRA_URL')}/rest/api/3/myself`, { headers: { authorization } })
    expect(response.status).toBe(200)
    fake.kill(signal)
    expect(await fake.exited).toBe(0)
    expect(await new Response(fake.stderr).text()).toBe('')
  },
)

test('says what is wrong with a port', async () => {
  const fake = Bun.spawn([process.execPath, join(import.meta.dir, 'main.ts'), '--port', 'x'], {
    stderr: 'pipe',
    stdout: 'ignore',
  })
  expect(await fake.exited).toBe(1)
  expect(await new Response(fake.stderr).text()).toContain("--port has to be a whole number from 0, not 'x'")
})
