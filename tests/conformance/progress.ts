import { countResults } from './referee.ts'

/** A line at the foot of a terminal that says how far the runs have come; nothing where nobody watches. */
export interface Progress {
  start(name: string, folder: string): void
  end(name: string): void
  stop(): void
}

const everyMs = 200
const clearLine = '\r\u001b[2K'

export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const running = new Map<string, string>()
  const wipe = (): void => void (out.isTTY && out.write(clearLine))
  const timer = out.isTTY ? setInterval(draw, everyMs) : undefined
  timer?.unref()

  function draw(): void {
    const parts = [...running].map(([name, folder]) => `${name}: ${countResults(folder)} done`)
    out.write(`${clearLine}${parts.join(', ')}`)
  }

  return {
    start: (name, folder) => void running.set(name, folder),
    end(name) {
      running.delete(name)
      wipe()
    },
    stop() {
      clearInterval(timer)
      wipe()
    },
  }
}
