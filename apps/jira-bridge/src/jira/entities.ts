const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
}
const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g
const MAX_CODE_POINT = 0x10_ff_ff
const REPLACEMENT = '\ufffd'

/** Character references of Markdown as the characters they stand for: the numeric ones, and the names that matter. */
export function decodeEntities(value: string): string {
  if (!value.includes('&')) return value
  return value.replace(REFERENCE, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole
    return characterOf(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
  })
}

function characterOf(code: number): string {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code === 0 || isSurrogate || code > MAX_CODE_POINT ? REPLACEMENT : String.fromCodePoint(code)
}
