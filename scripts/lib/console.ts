const coloured: boolean = process.stdout.isTTY === true && !process.env.NO_COLOR

/** Progress lines on standard output, coloured only for a person at a terminal who did not ask otherwise. */
export const paint: Readonly<Record<'good' | 'bad' | 'quiet' | 'bold', (text: string) => string>> = {
  good: (text) => wrap('32', text),
  bad: (text) => wrap('31', text),
  quiet: (text) => wrap('2', text),
  bold: (text) => wrap('1', text),
}

/** Writes one line to standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Seconds with one decimal, as in `12.3 s`. */
export function duration(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}

function wrap(code: string, text: string): string {
  return coloured ? `\u001b[${code}m${text}\u001b[0m` : text
}
