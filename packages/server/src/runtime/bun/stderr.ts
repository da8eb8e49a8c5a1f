import { fstatSync, writeSync } from 'node:fs'

const STDERR = 2
/** Characters that wait for a reader of stderr; past it what is written is lost. */
const MOST_WAITING = 256 * 1024

type Write = (text: string) => void

let write: Write | undefined

/**
 * Writes to stderr; what cannot be written is lost, because there is nowhere left to say so. A client that does not read
 * stderr must not block its server, so a pipe is written to without waiting. `process.stderr` would take 6 ms to create.
 */
export function writeStderr(text: string): void {
  write ??= isPipe() ? pipeWriter() : blockingWriter()
  write(text)
}

function isPipe(): boolean {
  try {
    const stat = fstatSync(STDERR)
    return stat.isFIFO() || stat.isSocket()
  } catch {
    // a closed descriptor takes nothing, whichever way it is written
    return false
  }
}

function blockingWriter(): Write {
  return (text) => {
    try {
      writeSync(STDERR, text)
    } catch {
      // nowhere left to say so
    }
  }
}

function pipeWriter(): Write {
  const sink = Bun.file(STDERR).writer()
  let waiting = 0
  return (text) => {
    if (waiting > MOST_WAITING) return
    try {
      const taken: unknown = sink.write(text)
      const flushed: unknown = sink.flush()
      if (typeof taken === 'number' && typeof flushed === 'number') return
      waiting += text.length
      const left = (): void => {
        waiting -= text.length
      }
      Promise.all([taken, flushed]).then(left, left)
    } catch {
      // nowhere left to say so
    }
  }
}
