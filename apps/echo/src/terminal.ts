/** Colours for one stream; each does nothing where the stream is no terminal, or NO_COLOR is set. */
export interface Painter {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  cyan(text: string): string
  yellow(text: string): string
  red(text: string): string
}

export function painter(stream: { isTTY?: boolean }, env: Record<string, string | undefined> = process.env): Painter {
  const colours = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bold: paint(1), dim: paint(2), green: paint(32), cyan: paint(36), yellow: paint(33), red: paint(31) }
}
