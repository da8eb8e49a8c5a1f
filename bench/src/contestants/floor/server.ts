/** The floor: what Bun itself needs to answer these bytes. No library, no validation, one parse in and one stringify out. */
import { splitLines } from '../../lines.ts'
import { type Asked, answerTo } from './answer.ts'

const split = splitLines()
const decoder = new TextDecoder()
for await (const chunk of Bun.stdin.stream()) {
  let out = ''
  split(decoder.decode(chunk, { stream: true }), (line) => {
    const asked: Asked = JSON.parse(line)
    if (asked.id !== undefined) out += `${JSON.stringify(answerTo(asked))}\n`
  })
  if (out) process.stdout.write(out)
}
