import type { StdinHandlers } from '../port.ts'

/** Reads stdin from now on. Returns a function that stops it; nothing is reported after that. */
export function readStdin({ chunk, end }: StdinHandlers): () => void {
  const reader = Bun.stdin.stream().getReader()
  let stopped = false

  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read()
      if (stopped || done) return
      chunk(value)
    }
  }

  function finish(error?: unknown): void {
    if (stopped) return
    stopped = true
    end(error)
  }

  read().then(() => finish(), finish)
  return () => {
    if (stopped) return
    stopped = true
    // a stream that cannot be cancelled is over already
    reader.cancel().catch(() => undefined)
  }
}
