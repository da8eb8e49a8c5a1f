import { expect, test } from 'bun:test'
import { createProcessGroup } from './process-group.ts'

test('a group of dead processes that nobody reaps is not alive, though it can be signalled', async () => {
  const script = `console.log(Bun.spawn(['sleep', '60'], { detached: true }).pid)`
  const parent = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
  try {
    const pid = await firstNumber(parent.stdout)
    // a parent that is stopped cannot ask for the end of its child
    parent.kill('SIGSTOP')
    const group = createProcessGroup({ pid, leaderRunning: () => false, run() {} })
    expect(group.alive()).toBe(true)
    group.signal('SIGKILL')
    while (group.alive()) await new Promise((resolve) => setImmediate(resolve))
    // elsewhere the kernel itself does not count them
    if (process.platform === 'linux') expect(() => process.kill(-pid, 0)).not.toThrow()
  } finally {
    parent.kill('SIGKILL')
    await parent.exited
  }
})

test('a group lives as long as anybody in it, and is not signalled after that', async () => {
  const shell = Bun.spawn(['sh', '-c', 'sleep 60 & echo $!; exit 0'], { stdout: 'pipe', detached: true })
  const grandchild = await firstNumber(shell.stdout)
  await shell.exited
  const group = createProcessGroup({ pid: shell.pid, leaderRunning: () => false, run() {} })
  expect(group.alive()).toBe(true)
  group.signal('SIGKILL')
  while (group.alive()) await new Promise((resolve) => setImmediate(resolve))
  expect(grandchild).toBeGreaterThan(0)

  const kill = process.kill
  const signals: unknown[] = []
  process.kill = (...args) => {
    signals.push(args)
    return true
  }
  try {
    group.signal('SIGTERM')
    expect(group.alive()).toBe(false)
  } finally {
    process.kill = kill
  }
  expect(signals).toEqual([])
})

async function firstNumber(stream: ReadableStream<Uint8Array>): Promise<number> {
  const reader = stream.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return Number.parseInt(new TextDecoder().decode(value), 10)
}
