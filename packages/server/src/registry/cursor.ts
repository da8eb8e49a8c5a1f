const PREFIX = 'after:'

/** An opaque cursor for the place in a list where the next page begins. */
export function encodeCursor(place: number): string {
  return btoa(`${PREFIX}${place}`)
}

/** The place a cursor stands for; undefined when it is none of ours. */
export function decodeCursor(cursor: unknown): number | undefined {
  if (typeof cursor !== 'string') return undefined
  let text: string
  try {
    text = atob(cursor)
  } catch {
    // not base64, so not a cursor of ours
    return undefined
  }
  const digits = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : ''
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined
}
