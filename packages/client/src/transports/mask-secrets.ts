import { maskText, SECRET_NAME } from '@bao-mcp/protocol/engine'

/** A shorter value is a word that stands for itself; hiding it everywhere would hide more than it keeps. */
const SHORTEST_SECRET = 6

/** Values of variables whose names sound like secrets, the longest first, as one may be a part of another. */
export function secretsOf(env: Readonly<Record<string, string | undefined>> = {}): string[] {
  return Object.entries(env)
    .flatMap(([name, value]) =>
      value !== undefined && value.length >= SHORTEST_SECRET && SECRET_NAME.test(name) ? [value] : [],
    )
    .sort((a, b) => b.length - a.length)
}

/** Hides what looks like a secret in a line, and those that are known. */
export function maskLine(text: string, secrets: readonly string[]): string {
  let masked = text
  for (const secret of secrets) masked = masked.replaceAll(secret, '***')
  return maskText(masked)
}
