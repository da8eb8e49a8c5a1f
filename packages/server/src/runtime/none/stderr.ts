/** Goes to the console, the only place there is. */
export function writeStderr(text: string): void {
  console.error(text.trimEnd())
}
