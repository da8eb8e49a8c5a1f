const PATTERN = /\$?\$\{[^}]*\}|\$?\$env:\w+|\$(\$[A-Za-z_]\w*)|\$([A-Za-z_]\w*)/g
/** What is left of it behind the last brace that closes. */
const WITHOUT_BRACES = /\$?\$env:\w+|\$(\$[A-Za-z_]\w*)|\$([A-Za-z_]\w*)/g

/** Writes `$VAR`, which some hosts have for a variable, as `${VAR}`, and `$$VAR` as the characters `$VAR`. */
export function braceVariables(text: string): string {
  const brace = (source: string, literal: string | undefined, name: string | undefined): string =>
    literal ?? (name === undefined ? source : `\${${name}}`)
  // braces that nothing closes are not looked for the end of again and again
  const end = text.lastIndexOf('}') + 1
  return text.slice(0, end).replace(PATTERN, brace) + text.slice(end).replace(WITHOUT_BRACES, brace)
}
