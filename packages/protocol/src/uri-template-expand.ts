/** What stands between a pair of braces. */
export interface Expression {
  /** One of `+#./;?&`, or empty. */
  operator: string
  names: readonly string[]
}

const FOREIGN = /%(?![0-9A-Fa-f]{2})|[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu

/** @see https://www.rfc-editor.org/rfc/rfc6570#section-3.2.1 */
export function expandExpression(
  { operator, names }: Expression,
  values: { readonly [name: string]: string | undefined },
): string {
  const given = names.flatMap((name): (readonly [string, string])[] => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? [] : [[name, value]]
  })
  if (given.length === 0) return ''
  switch (operator) {
    case '+':
      return given.map(([, value]) => encodeReserved(value)).join(',')
    case '#':
      return `#${given.map(([, value]) => encodeReserved(value)).join(',')}`
    case '.':
    case '/':
      return given.map(([, value]) => operator + encode(value)).join('')
    case ';':
      return given.map(([name, value]) => (value === '' ? `;${name}` : `;${name}=${encode(value)}`)).join('')
    case '?':
    case '&':
      return operator + given.map(([name, value]) => `${name}=${encode(value)}`).join('&')
    default:
      return given.map(([, value]) => encode(value)).join(',')
  }
}

/**
 * The same for a value, which has to be read back: what is percent-encoded and no UTF-8 cannot be, so its percent signs
 * are encoded as the text they are.
 */
function encodeReserved(value: string): string {
  return encodeForeign(value).replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    isUtf8(run) ? run : run.replaceAll('%', '%25'),
  )
}

function isUtf8(triplets: string): boolean {
  try {
    decodeURIComponent(triplets)
    return true
  } catch {
    // that it throws is the answer
    return false
  }
}

/** Keeps reserved characters as they are, and what is percent-encoded already. */
export function encodeForeign(value: string): string {
  return value.toWellFormed().replace(FOREIGN, encode)
}

/** Everything but the unreserved characters. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
