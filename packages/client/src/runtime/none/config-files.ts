export function environment(): Readonly<Record<string, string | undefined>> {
  return {}
}

/** As it is: there is no folder here that it could be looked at from. */
export function absolutePath(path: string): string {
  return path
}

/** @throws {TypeError} always: there are no files here */
export async function readText(path: string): Promise<string> {
  throw new TypeError(`this runtime has no files, so "${path}" cannot be read; hand in its text`)
}

/** @throws {TypeError} always: there are no files here */
export function watchFile(path: string): () => void {
  throw new TypeError(`this runtime has no files, so "${path}" cannot be watched; hand in texts with applyConfig()`)
}

/** @throws {TypeError} always: there are no files here */
export function parseDotenv(_text: string): Readonly<Record<string, string | undefined>> {
  throw new TypeError('this runtime has no files, so there is none with variables either')
}
