const METHODS = ['log', 'info', 'debug'] as const

export interface ConsoleWatch {
  /** True sends what is printed to stderr; false lets it go on, where the descriptor below leads to stderr already. */
  redirect: boolean
  onPrint(how: string, frames: readonly string[]): void
}

/** Tells of everything printed through `console.log`, `info` and `debug`. Returns what undoes it. */
export function watchConsole({ redirect, onPrint }: ConsoleWatch): () => void {
  const undo = METHODS.map((method) => {
    const original = console[method]
    const watched = (...args: unknown[]): void => {
      onPrint(`console.${method}`, framesBelow(watched))
      if (redirect) console.error(...args)
      else original.apply(console, args)
    }
    console[method] = watched
    return () => {
      // someone else may have replaced it since; that stays
      if (console[method] === watched) console[method] = original
    }
  })
  return () => {
    for (const restore of undo) restore()
  }
}

/** The stack below a function, nearest frame first. */
export function framesBelow(fn: (...args: never[]) => unknown): string[] {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, fn)
  return (holder.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
}

/** Passes on the first call only. */
export function once<Args extends unknown[]>(fn: (...args: Args) => void): (...args: Args) => void {
  let called = false
  return (...args) => {
    if (called) return
    called = true
    fn(...args)
  }
}
