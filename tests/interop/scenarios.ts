import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Driver } from './drivers/driver.ts'
import { TEXT } from './fixtures/texts.ts'
import { isRunning } from './launches.ts'

export interface Pair {
  /** `client -> server`, with what is particular about it. */
  name: string
  era: Era
  open: () => Promise<Driver>
  /** How the server refuses a tool it does not have, and arguments that do not fit. */
  unknownTool: Refusal
  wrongArguments: Refusal
  /** Length of the text that `big` is asked for; less where every byte is handled one by one. */
  bigBytes?: number
  /**
   * False for clients that drop the progress that is still waiting when the answer comes in the same chunk; they are only
   * asked to hear it all while the call runs.
   */
  hearsProgressBesideAnswer: boolean
  /** True for a version that has neither structured output nor forms. */
  isPlain?: boolean
  /** True for servers that are there before their clients, and after. */
  serverLivesOn?: boolean
  skip?: boolean
}

/** A refusal is an error of the wire with this code, or the failure of the tool. */
export type Refusal = number | 'isError'

const PATIENCE_MS = 30_000
const BIG_BYTES = 10 * 1024 * 1024
const STEPS = 50
const TOOLS = [
  'echo',
  'fail',
  'throw',
  'big',
  'unicode',
  'pid',
  'exit',
  'sum',
  'slow',
  'release',
  'was_cancelled',
  'ask',
]

/** Puts one pair of client and server through everything both of them speak. */
export function converse(pair: Pair): void {
  setDefaultTimeout(PATIENCE_MS)

  describe.skipIf(pair.skip === true)(pair.name, () => {
    // starting processes would take most of the time of these tests, and a connection has to bear all of this anyway
    let shared: Promise<Driver> | undefined
    const driver = (): Promise<Driver> => {
      shared ??= pair.open()
      return shared
    }
    afterAll(async () => {
      await (await shared)?.[Symbol.asyncDispose]()
    })

    test(`agrees on the ${pair.era} era and lists the tools`, async () => {
      const client = await driver()
      expect(client.era).toBe(pair.era)
      expect(await client.listTools()).toEqual(expect.arrayContaining(TOOLS))
    })

    test('calls a tool', async () => {
      expect(await (await driver()).call('echo', { text: 'hello' })).toMatchObject({ text: 'hello', isError: false })
    })

    test('gets structured output, with its text beside it', async () => {
      const answer = await (await driver()).call('sum', { a: 40, b: 2 })
      expect(answer.structured).toEqual(pair.isPlain === true ? undefined : { sum: 42 })
      expect(answer.text).toContain('42')
    })

    test('gets the failure of a tool as a result', async () => {
      const client = await driver()
      expect(await client.call('fail')).toMatchObject({ text: 'it went wrong', isError: true })
      expect((await client.call('throw')).isError).toBeTrue()
    })

    test('is refused a tool that does not exist, and goes on', async () => {
      const client = await driver()
      await expectRefusal(client.call('no_such_tool'), pair.unknownTool)
      expect((await client.call('echo', { text: 'on' })).text).toBe('on')
    })

    test('is refused arguments that do not fit, and goes on', async () => {
      const client = await driver()
      await expectRefusal(client.call('echo', { text: 42 }), pair.wrongArguments)
      expect((await client.call('echo', { text: 'on' })).text).toBe('on')
    })

    test('hears progress while the call runs, in order and none lost', async () => {
      const client = await driver()
      const heard: number[] = []
      const answer = await client.call(
        'slow',
        { key: 'held', steps: STEPS, hold: true },
        {
          onProgress(progress) {
            heard.push(progress)
            if (progress === STEPS) void client.call('release', { key: 'held' })
          },
        },
      )
      expect(heard).toEqual(upTo(STEPS))
      expect(answer.text).toBe('done held')
    })

    if (pair.hearsProgressBesideAnswer) {
      test('hears all progress that comes together with the answer', async () => {
        const heard: number[] = []
        const settings = { onProgress: (progress: number) => void heard.push(progress) }
        const answer = await (await driver()).call('slow', { key: 'burst', steps: STEPS, hold: false }, settings)
        expect(heard).toEqual(upTo(STEPS))
        expect(answer.text).toBe('done burst')
      })
    }

    test('gives a call up, which stops it on the server, and goes on', async () => {
      const client = await driver()
      const giveUp = new AbortController()
      const call = client.call(
        'slow',
        { key: 'given up', steps: 1, hold: true },
        { signal: giveUp.signal, onProgress: () => giveUp.abort(new Error('seen enough')) },
      )
      expect(await failureOf(call)).toBeInstanceOf(Error)
      expect((await client.call('was_cancelled', { key: 'given up' })).text).toBe('cancelled given up')
    })

    test('has many calls answered that are sent together', async () => {
      const client = await driver()
      const texts = upTo(STEPS).map((n) => `call ${n}`)
      const answers = await Promise.all(texts.map((text) => client.call('echo', { text })))
      expect(answers.map(({ text }) => text)).toEqual(texts)
    })

    test('gets a text of many bytes', async () => {
      const bytes = pair.bigBytes ?? BIG_BYTES
      const { text } = await (await driver()).call('big', { bytes })
      expect(text.length).toBe(bytes)
      expect(text === 'x'.repeat(bytes)).toBeTrue()
    })

    test('passes every kind of character in both directions', async () => {
      const client = await driver()
      expect((await client.call('unicode')).text).toBe(TEXT)
      expect((await client.call('echo', { text: TEXT })).text).toBe(TEXT)
    })

    test.each([
      [{ action: 'accept', content: { name: 'Ada' } }, 'hello Ada'],
      [{ action: 'decline' }, 'decline'],
      [{ action: 'cancel' }, 'cancel'],
    ] as const)('is asked in the middle of a call and answers %j', async (reply, expected) => {
      const client = await driver()
      const before = client.asked
      client.reply = reply
      const answer = await client.call('ask')
      if (pair.isPlain === true)
        expect(answer).toMatchObject({ text: expect.stringContaining('elicitation'), isError: true })
      else expect(answer).toMatchObject({ text: expected, isError: false })
      expect(client.asked - before).toBe(pair.isPlain === true ? 0 : 1)
    })

    test('gets a sign of life', async () => {
      await (await driver()).ping()
    })

    test('hears that the list of tools has changed, and lists the new one', async () => {
      const client = await driver()
      await client.call('grow', { name: 'grown_tool' })
      await client.toolsChanged
      expect(await client.listTools()).toContain('grown_tool')
      expect((await client.call('grown_tool')).text).toBe('grown_tool')
    })

    if (pair.serverLivesOn !== true) {
      test('leaves no process behind when it closes', async () => {
        const client = await pair.open()
        const pid = Number((await client.call('pid')).text)
        expect(isRunning(pid)).toBeTrue()
        await client[Symbol.asyncDispose]()
        expect(isRunning(pid)).toBeFalse()
      })
    }

    test('is told at once when the server ends in the middle of a call', async () => {
      await using client = await pair.open()
      const held = failureOf(client.call('slow', { key: 'lost', steps: 0, hold: true }))
      const exit = failureOf(client.call('exit', { code: 3 }))
      expect(await held).toBeInstanceOf(Error)
      expect(await exit).toBeInstanceOf(Error)
    })
  })
}

async function expectRefusal(call: Promise<{ isError: boolean }>, refusal: Refusal): Promise<void> {
  if (refusal === 'isError') expect((await call).isError).toBeTrue()
  else expect(await failureOf(call)).toMatchObject({ code: refusal })
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1)
}
