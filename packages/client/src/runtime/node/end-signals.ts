const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs `end` when this process is told to end, and lets it die of that signal afterwards. A second signal does not wait.
 * Returns a function that takes it back.
 */
export function onEndSignals(end: () => Promise<void>): () => void {
  function onSignal(signal: NodeJS.Signals): void {
    off()
    const die = (): void => void process.kill(process.pid, signal)
    // however it went, the process was told to end
    end().then(die, die)
  }
  function off(): void {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return off
}
