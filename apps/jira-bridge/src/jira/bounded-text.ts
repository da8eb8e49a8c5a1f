/** The body of an answer as text; undefined when it is longer than allowed, and then the rest is not read. */
export async function boundedText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  const parts: string[] = []
  let bytes = 0
  // leaving the loop early gives the rest of the body up
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return undefined
    parts.push(decoder.decode(chunk, { stream: true }))
  }
  parts.push(decoder.decode())
  return parts.join('')
}
