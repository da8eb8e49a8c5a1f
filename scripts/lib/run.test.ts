import { expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { run } from './run.ts'

const bun = process.execPath

test('returns the exit code and both outputs', async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3"
  const { code, trouble, output } = await run([bun, '-e', script], { capture: true })
  expect({ code, trouble }).toEqual({ code: 3, trouble: undefined })
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out'])
})

test('passes the environment on and adds to it', async () => {
  const script = 'process.stdout.write([process.env.ADDED, process.env.PATH !== undefined].join())'
  const { output } = await run([bun, '-e', script], { capture: true, env: { ADDED: 'yes' } })
  expect(output).toBe('yes,true')
})

test('a command that does not exist is a result', async () => {
  const { code, trouble } = await run(['./no-such-command'], { capture: true })
  expect(code).toBeUndefined()
  expect(trouble).toStartWith('cannot start ./no-such-command')
})

test('a run over its limit is killed with everything that it started', async () => {
  const script = `const child = Bun.spawn([process.execPath, '-e', 'setInterval(() => {}, 1000)'])
    console.log(child.pid)
    setInterval(() => {}, 1000)`
  const { code, trouble, output } = await run([bun, '-e', script], { capture: true, limitMs: 700 })
  expect(code).toBeUndefined()
  expect(trouble).toBe('still running after 0.7 s')
  // The run settles when the pipes close, so when the grandchild, which holds them too, is gone.
  expect(output).toMatch(/^(\d+\n)?$/)
})

test('an interrupt ends the children and then the process', async () => {
  const module = join(import.meta.dirname, 'run.ts')
  const script = `const { endChildrenOnSignal, run } = await import(${JSON.stringify(module)})
    endChildrenOnSignal()
    await run([process.execPath, '-e', 'console.log("ready"); setInterval(() => {}, 1000)'])`
  const parent = spawn(bun, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = new Promise<number | null>((resolve) => parent.once('close', resolve))
  // The child's output goes to standard error, whose pipe closes only when parent and child are both gone.
  await new Promise((resolve) => parent.stderr.once('data', resolve))
  parent.kill('SIGINT')
  expect(await closed).toBe(130)
})
