/** Nothing tells a page to end in a way that could be waited for. */
export function onEndSignals(_end: () => Promise<void>): () => void {
  return () => undefined
}
