import { describe, expect, test } from 'bun:test'
import { INTERNAL_ERROR, INVALID_PARAMS, type JsonObject } from '@bao-mcp/protocol/engine'
import fc from 'fast-check'
import { fakeClock } from '../../test/kit.ts'
import { fromBase64Url } from '../digest.ts'
import { HubError } from '../hub/error.ts'
import { memoryHub } from '../hub/memory.ts'
import { createServer } from '../server.ts'
import { emptyMemory, type RoundMemory } from './memory.ts'
import { createSealer, DEFAULT_STATE_TTL_MS, type Sealer, type SealOptions, type StateOwner } from './sealed-state.ts'

const KEY = 'a'.repeat(32)
const OTHER_KEY = 'b'.repeat(32)
const OWNER: StateOwner = { principal: 'ada', method: 'tools/call', params: { name: 'pay', arguments: { sum: 1 } } }
const NOT_OURS = {
  code: INVALID_PARAMS,
  message: 'params.requestState is not one this server gave out for this request',
}

const memory = (own: string = 'the plain secret'): RoundMemory => ({
  ...emptyMemory(),
  own,
  once: { k: { text: '"v"' } },
})

interface Time {
  now(): number
  advance(ms: number): void
}

function sealer(
  options: SealOptions = { keys: [KEY] },
  time: Time = fakeClock(),
  hub = memoryHub({}, fakeClock()),
): Sealer {
  return createSealer(hub, time.now, options)
}

describe('a sealed state', () => {
  test('brings the memory back, in another process with the same key as well', async () => {
    const text = await sealer().keeperFor(OWNER).save(memory())
    expect(await sealer().keeperFor(OWNER).load(text, false)).toEqual(memory())
  })

  test('brings back any memory', async () => {
    const one = sealer()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.dictionary(fc.string(), fc.json()), async (own, texts) => {
        const once = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, { text }]))
        const kept = { ...emptyMemory(), own, once }
        expect(await one.keeperFor(OWNER).load(await one.keeperFor(OWNER).save(kept), false)).toEqual(
          JSON.parse(JSON.stringify(kept)),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('reveals nothing of it, and is another text each time [MCP-239, MCP-252]', async () => {
    const { save } = sealer().keeperFor(OWNER)
    const [first = '', second = ''] = [await save(memory()), await save(memory())]
    expect(first).not.toBe(second)
    const bytes = new TextDecoder('latin1').decode(fromBase64Url(first))
    for (const hidden of ['plain', 'secret', 'ada', 'pay', 'expires', 'memory']) {
      expect(first).not.toContain(hidden)
      expect(bytes).not.toContain(hidden)
    }
  })

  test('is refused when anything of it was changed [MCP-182]', async () => {
    const keeper = sealer().keeperFor(OWNER)
    const text = await keeper.save(memory())
    const changed = [...text].map((char, i) => `${text.slice(0, i)}${char === 'A' ? 'B' : 'A'}${text.slice(i + 1)}`)
    // the last characters may hold unused bits only, so each is compared by the bytes it stands for
    const same = Buffer.from(fromBase64Url(text)).toString('hex')
    const forged = changed.filter((one) => Buffer.from(fromBase64Url(one)).toString('hex') !== same)
    expect(forged.length).toBeGreaterThan(text.length - 2)
    for (const one of forged) await expect(keeper.load(one, false)).rejects.toMatchObject(NOT_OURS)
  })

  test('is refused when it is anything else [MCP-182]', async () => {
    const keeper = sealer().keeperFor(OWNER)
    const text = await keeper.save(memory())
    const others = [
      '',
      'A',
      'ref.',
      'ref.unknown',
      '€',
      'not base64!',
      text.slice(1),
      text.slice(0, -4),
      `${text}AAAA`,
      text + text,
    ]
    for (const other of others) await expect(keeper.load(other, false)).rejects.toMatchObject(NOT_OURS)
  })

  test('is refused after its time [MCP-183]', async () => {
    const time = fakeClock()
    const keeper = sealer({ keys: [KEY], ttlMs: 1000 }, time).keeperFor(OWNER)
    const text = await keeper.save(memory())
    time.advance(999)
    expect(await keeper.load(text, false)).toEqual(memory())
    time.advance(1)
    const expired = { code: INVALID_PARAMS, message: 'params.requestState has expired' }
    await expect(keeper.load(text, false)).rejects.toMatchObject(expired)
  })

  test('is kept for ten minutes unless an option says otherwise', async () => {
    const time = fakeClock()
    const keeper = sealer({ keys: [KEY] }, time).keeperFor(OWNER)
    const text = await keeper.save(memory())
    time.advance(DEFAULT_STATE_TTL_MS - 1)
    expect(await keeper.load(text, false)).toEqual(memory())
    time.advance(1)
    await expect(keeper.load(text, false)).rejects.toThrow('has expired')
  })

  test('is refused for another request or another principal [MCP-183] [MCP-250, MCP-252]', async () => {
    const one = sealer()
    const text = await one.keeperFor(OWNER).save(memory())
    const params = (more: JsonObject): JsonObject => ({ ...OWNER.params, ...more })
    const others: StateOwner[] = [
      { ...OWNER, principal: 'bob' },
      { ...OWNER, principal: undefined },
      { ...OWNER, method: 'prompts/get' },
      { ...OWNER, params: params({ name: 'refund' }) },
      { ...OWNER, params: params({ arguments: { sum: 2 } }) },
      { ...OWNER, params: params({ more: 1 }) },
      { ...OWNER, params: undefined },
    ]
    for (const other of others) await expect(one.keeperFor(other).load(text, false)).rejects.toMatchObject(NOT_OURS)
  })

  test('is accepted for the same request with other metadata, its answers and its state', async () => {
    const one = sealer()
    const text = await one.keeperFor(OWNER).save(memory())
    const params = {
      arguments: { sum: 1 },
      name: 'pay',
      _meta: { x: 1 },
      requestState: text,
      inputResponses: { a: {} },
    }
    expect(await one.keeperFor({ ...OWNER, params }).load(text, false)).toEqual(memory())
  })
})

describe('keys', () => {
  test('of another process open nothing [MCP-182]', async () => {
    const text = await sealer().keeperFor(OWNER).save(memory())
    await expect(
      sealer({ keys: [OTHER_KEY] })
        .keeperFor(OWNER)
        .load(text, false),
    ).rejects.toMatchObject(NOT_OURS)
    await expect(sealer({}).keeperFor(OWNER).load(text, false)).rejects.toMatchObject(NOT_OURS)
  })

  test('may be rotated: the first seals, all of them open', async () => {
    const old = await sealer({ keys: [OTHER_KEY] })
      .keeperFor(OWNER)
      .save(memory())
    const rotated = sealer({ keys: [KEY, OTHER_KEY] }).keeperFor(OWNER)
    expect(await rotated.load(old, false)).toEqual(memory())
    const fresh = await rotated.save(memory())
    expect(
      await sealer({ keys: [KEY] })
        .keeperFor(OWNER)
        .load(fresh, false),
    ).toEqual(memory())
    await expect(
      sealer({ keys: [OTHER_KEY] })
        .keeperFor(OWNER)
        .load(fresh, false),
    ).rejects.toMatchObject(NOT_OURS)
  })

  test('nobody gave are agreed on over the hub, by all that serve a definition of one name [MCP-182]', async () => {
    const hub = memoryHub()
    const [one, other] = [createSealer(hub, Date.now, {}, 's'), createSealer(hub, Date.now, {}, 's')]
    const text = await one.keeperFor(OWNER).save(memory())
    expect(await other.keeperFor(OWNER).load(text, false)).toEqual(memory())
    await expect(createSealer(hub, Date.now, {}, 'another').keeperFor(OWNER).load(text, false)).rejects.toMatchObject(
      NOT_OURS,
    )
  })

  test('are asked for again when the hub was lost, which is said by its own error', async () => {
    const hub = memoryHub()
    let isLost = true
    const agree: typeof hub.agree = async (key, text) => {
      if (isLost) throw new HubError('agree on a text', 'it is lost')
      return hub.agree(key, text)
    }
    const { save, load } = createSealer({ ...hub, agree }, Date.now).keeperFor(OWNER)
    await expect(save(memory())).rejects.toBeInstanceOf(HubError)
    await expect(load('AAAA', false)).rejects.toBeInstanceOf(HubError)
    isLost = false
    expect(await load(await save(memory()), false)).toEqual(memory())
  })

  test('that are too short are refused where the server is defined', () => {
    const message = 'a state key needs at least 32 characters, got 31'
    expect(() => sealer({ keys: [KEY, 'x'.repeat(31)] })).toThrow(message)
    expect(() => createServer({ name: 's', version: '1', state: { keys: ['x'.repeat(31)] } })).toThrow(message)
  })
})

describe('a state that is too long', () => {
  test('travels by a reference, which is worth nothing in another hub', async () => {
    const hub = memoryHub()
    const keeper = sealer({ keys: [KEY], maxStateBytes: 1000 }, fakeClock(), hub).keeperFor(OWNER)
    const long = memory('x'.repeat(2000))
    const text = await keeper.save(long)
    expect(text).toMatch(/^ref\.[\w-]{22}$/)
    expect(await keeper.load(text, false)).toEqual(long)
    expect(
      await sealer({ keys: [KEY] }, fakeClock(), hub)
        .keeperFor(OWNER)
        .load(text, false),
    ).toEqual(long)
    await expect(sealer().keeperFor(OWNER).load(text, false)).rejects.toMatchObject(NOT_OURS)
    await expect(
      sealer({ keys: [OTHER_KEY] }, fakeClock(), hub)
        .keeperFor(OWNER)
        .load(text, false),
    ).rejects.toMatchObject(NOT_OURS)
    const short = await keeper.save(memory(''))
    expect(short).not.toStartWith('ref.')
  })

  test('is refused by the name of the limit where references are off', async () => {
    const keeper = sealer({ keys: [KEY], maxStateBytes: 1000, byReference: false }).keeperFor(OWNER)
    await expect(keeper.save(memory('x'.repeat(2000)))).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: expect.stringMatching(
        /^the state of this call takes \d{4} bytes, over the limit of 1000 \(maxStateBytes\)$/,
      ),
    })
    expect(await keeper.load(await keeper.save(memory('x')), false)).toEqual(memory('x'))
  })
})

describe('a state for a single use', () => {
  test('is opened once, whoever comes with it again [MCP-184]', async () => {
    const hub = memoryHub()
    const [one, other] = [sealer({ keys: [KEY] }, fakeClock(), hub), sealer({ keys: [KEY] }, fakeClock(), hub)]
    const text = await one.keeperFor(OWNER).save(memory())
    expect(await other.keeperFor(OWNER).load(text, true)).toEqual(memory())
    for (const sealing of [one, other]) {
      await expect(sealing.keeperFor(OWNER).load(text, true)).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining('was used before'),
      })
    }
    expect(await one.keeperFor(OWNER).load(await one.keeperFor(OWNER).save(memory()), true)).toEqual(memory())
  })

  test('is not spent by somebody it does not belong to', async () => {
    const one = sealer()
    const text = await one.keeperFor(OWNER).save(memory())
    await expect(one.keeperFor({ ...OWNER, principal: 'eve' }).load(text, true)).rejects.toMatchObject(NOT_OURS)
    expect(await one.keeperFor(OWNER).load(text, true)).toEqual(memory())
  })
})
