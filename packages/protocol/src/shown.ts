const MAX_SHOWN_LENGTH = 100

/** A text from the wire as it is repeated in a message: quoted, and cut where it is long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text)
}
