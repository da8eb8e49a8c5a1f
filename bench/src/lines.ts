/** Splits text that arrives in pieces into lines: only the new piece is searched and a line is joined once, so the
 *  cost is linear in the bytes, however long a line is. Empty lines are passed on as they are. */
export function splitLines(): (piece: string, onLine: (line: string) => void) => void {
  let held = ''
  return (piece, onLine) => {
    let from = 0
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', from)) {
      const line = held + piece.slice(from, end)
      held = ''
      from = end + 1
      onLine(line)
    }
    held += from === 0 ? piece : piece.slice(from)
  }
}
