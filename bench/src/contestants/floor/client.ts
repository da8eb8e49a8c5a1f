/** The floor: a promise per call, an id map, one write per tick. No library, no validation. */
import { measureClient } from '../../client-harness.ts'
import { splitLines } from '../../lines.ts'
import { callTail, INITIALIZED, opening } from '../../wire.ts'

interface Answered {
  id: number
  result: { structuredContent: unknown }
}

await measureClient(async ({ era, command, args }) => {
  const child = Bun.spawn([command, ...args], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' })
  const waiting = new Map<number, (answer: Answered) => void>()
  const tail = callTail(era)
  let nextId = 1
  let out = ''

  const flush = (): void => {
    child.stdin.write(out)
    child.stdin.flush()
    out = ''
  }
  const send = (line: string): void => {
    if (!out) queueMicrotask(flush)
    out += line
  }
  const ask = (id: number, line: string): Promise<Answered> => {
    send(line)
    return new Promise((resolve) => waiting.set(id, resolve))
  }
  const read = async (): Promise<void> => {
    const split = splitLines()
    const decoder = new TextDecoder()
    for await (const chunk of child.stdout) {
      split(decoder.decode(chunk, { stream: true }), (line) => {
        const answer: Answered = JSON.parse(line)
        waiting.get(answer.id)?.(answer)
        waiting.delete(answer.id)
      })
    }
  }
  const reading = read()

  await ask(0, opening(era, 0))
  if (era === 'legacy') send(INITIALIZED)
  return {
    call: async (text) => {
      const id = nextId++
      const asked = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":`
      return (await ask(id, `${asked}${JSON.stringify({ text })}${tail}`)).result.structuredContent
    },
    close: async () => {
      child.stdin.end()
      await child.exited
      await reading
    },
  }
})
