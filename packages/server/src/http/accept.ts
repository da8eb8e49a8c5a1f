/** Which kinds of answers a client takes. */
export interface Accepts {
  readonly json: boolean
  readonly events: boolean
}

const ANYTHING: Accepts = { json: true, events: true }
/** Clients send few different headers, so each is read once. */
const MAX_KNOWN = 100
const known = new Map<string, Accepts>()

/** Reads an `Accept` header; without one, everything is taken. @see https://www.rfc-editor.org/rfc/rfc9110#name-accept */
export function readAccept(header: string | null): Accepts {
  if (header === null) return ANYTHING
  const kept = known.get(header)
  if (kept !== undefined) return kept
  const read = parse(header)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(header, read)
  return read
}

function parse(header: string): Accepts {
  const takes = new Map<string, boolean>()
  for (const range of header.split(',')) {
    const [type = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase())
    takes.set(type, !params.some((param) => /^q=0(?:\.0*)?$/.test(param)))
  }
  const taken = (type: string, group: string): boolean =>
    takes.get(type) ?? takes.get(group) ?? takes.get('*/*') ?? false
  return { json: taken('application/json', 'application/*'), events: taken('text/event-stream', 'text/*') }
}
