import { describe, expect, test } from 'bun:test'
import { BARE_SERVER } from './contestants.ts'
import { outcomeIn, runJob } from './job.ts'

describe('outcomeIn', () => {
  test('takes the last outcome, whatever else was printed', () => {
    const printed = 'hello\noutcome {"kind":"measured","finding":{"cpuUs":1}}\ntrailing\n'
    expect(outcomeIn(printed, 'nothing')).toEqual({ kind: 'measured', finding: { cpuUs: 1 } })
  })

  test('is an error when a measurement printed none', () => {
    expect(outcomeIn('hello\n', 'ended with code 1')).toEqual({ kind: 'error', reason: 'ended with code 1' })
  })
})

describe('runJob', () => {
  const driver = `${import.meta.dir}/drive-server.ts`

  test('measures in a process of its own', async () => {
    const job = { kind: 'start', command: [process.execPath, BARE_SERVER], era: 'legacy', repeats: 1 }
    expect(await runJob(driver, job)).toMatchObject({ kind: 'measured', finding: { firstByteMs: expect.any(Number) } })
  })

  test('a server that cannot start is an outcome with its reason', async () => {
    const command = [process.execPath, '-e', "throw new Error('cannot start')"]
    const outcome = await runJob(driver, { kind: 'start', command, era: 'modern', repeats: 1 })
    expect(outcome).toEqual({ kind: 'error', reason: expect.stringContaining('cannot start') })
  })

  test('a measurement that hangs is ended', async () => {
    const command = [process.execPath, '-e', 'setInterval(() => {}, 60_000)']
    const job = { kind: 'start', command, era: 'legacy', repeats: 1 }
    const outcome = await runJob(driver, job, { timeoutMs: 100 })
    expect(outcome).toEqual({ kind: 'error', reason: expect.stringContaining('took more than 100 ms') })
  })

  test('a script that cannot run is an outcome too', async () => {
    const outcome = await runJob(`${import.meta.dir}/no-such-script.ts`, {})
    expect(outcome).toEqual({ kind: 'error', reason: expect.stringContaining('no-such-script') })
  })
})
