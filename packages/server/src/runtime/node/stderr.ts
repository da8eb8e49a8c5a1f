/** Writes to stderr; what cannot be written is lost, because there is nowhere left to say so. */
export function writeStderr(text: string): void {
  process.stderr.write(text)
}
