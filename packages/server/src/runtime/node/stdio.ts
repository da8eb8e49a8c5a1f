import type { StdinHandlers } from '../port.ts'

/** Reads stdin from now on. Returns a function that stops it; nothing is reported after that. */
export function readStdin({ chunk, end }: StdinHandlers): () => void {
  const { stdin } = process
  const stop = (): void => {
    stdin.off('data', chunk)
    stdin.off('end', onEnd)
    stdin.off('error', onError)
    stdin.pause()
  }
  const onEnd = (): void => {
    stop()
    end()
  }
  const onError = (error: Error): void => {
    stop()
    end(error)
  }
  // never paused while it is read: pausing can lose the end
  stdin.on('data', chunk)
  stdin.on('end', onEnd)
  stdin.on('error', onError)
  return stop
}
