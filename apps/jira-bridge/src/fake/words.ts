/** Text as the search sees it: words in lower case, each between single blanks, so that a phrase is a substring. */
export function searchable(...texts: readonly string[]): string {
  return ` ${words(texts.join(' ')).join(' ')} `
}

/** What a `~` value asks for: each string has to be a substring of the searchable text.
 *  A value in inner quotes is one phrase; a word that ends with `*` is a prefix. */
export function needles(value: string): string[] {
  const phrase = /^"(.*)"$/s.exec(value)?.[1]
  if (phrase !== undefined) return words(phrase).length === 0 ? [] : [searchable(phrase)]
  return value
    .split(/\s+/)
    .filter((part) => words(part).length > 0)
    .map((part) => (part.endsWith('*') ? searchable(part).trimEnd() : searchable(part)).replace(/^ ?/, ' '))
}

function words(value: string): string[] {
  return (
    value
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}_]+/gu) ?? []
  )
}
