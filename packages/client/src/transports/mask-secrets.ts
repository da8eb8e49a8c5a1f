import { maskText, soundsSecret } from '@bao-mcp/protocol/engine'

/** A shorter value is a word that stands for itself; hiding it everywhere would hide more than it keeps. */
const SHORTEST_SECRET = 6

/** What a child is started with. */
export interface Started {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * What is secret of a start, and must not come back out of it: values of variables and of arguments whose names sound
 * secret. Line by line, as it is lines they are looked for in; the longest first, as one may be a part of another.
 */
export function secretsOf({ args, env }: Started): string[] {
  const values = Object.entries(env).flatMap(([name, value]) => (soundsSecret(name) ? [value] : []))
  for (const [index, arg] of args.entries()) {
    const [, name = '', value] = /^([^=\s:/]+)=(.*)$/s.exec(arg) ?? []
    if (value !== undefined && soundsSecret(name)) values.push(value)
    if (isSecretFlag(args[index - 1]) && !arg.startsWith('-')) values.push(arg)
  }
  const lines = values.flatMap((value) => value.split(/\r?\n/))
  const secrets = lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_SECRET)
  return [...new Set(secrets)].sort((a, b) => b.length - a.length)
}

/** Whether the argument behind this one is a secret. */
export function isSecretFlag(arg: string | undefined): boolean {
  return arg?.startsWith('-') === true && !/[=:\s]/.test(arg) && soundsSecret(arg)
}

/** Hides what looks like a secret in a line, and those that are known. */
export function maskLine(text: string, secrets: readonly string[]): string {
  let masked = text
  for (const secret of secrets) masked = masked.replaceAll(secret, '***')
  return maskText(masked)
}
