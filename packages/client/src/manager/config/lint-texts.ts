import { describeCommand } from '../../transports/describe-command.ts'
import type { Dialect } from './dialects.ts'
import type { Draft, Rule } from './lint-rule.ts'
import { type Reference, referencesIn } from './references.ts'
import { textsOf } from './show-entry.ts'
import { shownName, shownReference } from './shown-reference.ts'

type Syntax = 'plain' | 'default' | 'env' | 'bracesOnly' | 'dollarEnv' | 'input' | 'folder'

const EXAMPLE: Readonly<Record<Syntax, string>> = {
  plain: `\${VAR}`,
  default: `\${VAR:-default}`,
  env: `\${env:VAR}`,
  bracesOnly: '{env:VAR}',
  dollarEnv: '$env:VAR',
  input: `\${input:id}`,
  folder: `\${workspaceFolder}`,
}

/** What each host puts values in for. What is missing here is left to itself. */
const UNDERSTOOD: Readonly<Partial<Record<Dialect, readonly Syntax[]>>> = {
  'claude-code': ['plain', 'default'],
  'claude-desktop': [],
  cursor: ['env', 'folder'],
  windsurf: ['env'],
  cline: ['env'],
  gemini: ['plain', 'default'],
  vscode: ['env', 'input', 'folder'],
  codex: [],
  opencode: ['bracesOnly'],
}

const variables: Rule = ({ entry, raw, dialect, inputs }) =>
  (entry === undefined ? [] : textsOf(entry)).flatMap(([field, text]) => {
    const keys = keysOf(field)
    // Codex names variables in keys of their own, which the normal form writes as a text
    if (dialect === 'codex' && keys[0] === 'headers' && !isWritten(raw.http_headers, keys[1])) return []
    return referencesIn(text).flatMap((reference): Draft[] => {
      const shown = shownReference(reference)
      if (reference.kind === 'unknown') {
        const message = `${shown} stands for nothing, so the server is not started`
        return [
          {
            code: 'unknown_variable',
            severity: 'error',
            keys,
            message,
            fix: shown.startsWith('$') ? 'correct it, or put one more $ in front for the characters' : 'correct it',
          },
        ]
      }
      if (reference.kind === 'input' && !inputs.some(({ id }) => id === reference.name)) {
        const fix = 'add it to "inputs", or correct the name'
        return [
          {
            code: 'unknown_input',
            severity: 'error',
            keys,
            message: `there is no input "${shownName(reference) ?? ''}"`,
            fix,
          },
        ]
      }
      const syntax = syntaxOf(reference)
      const understood = UNDERSTOOD[dialect]
      if (syntax === undefined || understood === undefined || understood.includes(syntax)) return []
      const message = `${dialect} does not put a value in for ${shown}`
      const fix =
        understood[0] === undefined
          ? 'set the variable where the host is started'
          : `write it as ${EXAMPLE[understood[0]]}`
      return [{ code: 'foreign_variable', severity: 'warning', keys, message, fix }]
    })
  })

const secrets: Rule = ({ entry }) => {
  if (entry === undefined) return []
  const texts = textsOf(entry)
  return texts.flatMap(([field, text], index): Draft[] => {
    const bare = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1]
    if (bare !== undefined) {
      const message = `$${bare} stands for itself here, and for no variable`
      return [
        { code: 'foreign_variable', severity: 'warning', keys: keysOf(field), message, fix: `write it as \${${bare}}` },
      ]
    }
    if (referencesIn(text).length > 0 || !isSecret(field, text, texts[index - 1])) return []
    const message = 'a secret stands here for everybody who can read the file'
    const fix = 'put it into a variable, and the variable here'
    return [{ code: 'plain_secret', severity: 'warning', keys: keysOf(field), message, fix }]
  })
}

const exposed: Rule = ({ entry }) =>
  (entry === undefined ? [] : textsOf(entry)).flatMap(([field, text]): Draft[] => {
    const keys = keysOf(field)
    const isShown = keys[0] === 'args' || keys[0] === 'url' || keys[0] === 'command'
    if (!isShown || !referencesIn(text).some(({ name }) => soundsSecret(name))) return []
    const message =
      'what this stands for is part of what the server is called: in errors, snapshots and lists of processes'
    const fix = entry?.type === 'stdio' ? 'hand it over in "env"' : 'hand it over in "headers"'
    return [{ code: 'exposed_secret', severity: 'warning', keys, message, fix }]
  })

const tildes: Rule = ({ entry }) =>
  (entry === undefined ? [] : textsOf(entry)).flatMap(([field, text]): Draft[] => {
    if (!/^~(?:[/\\]|$)/.test(text)) return []
    const message = 'no shell is there to make "~" the home folder'
    return [{ code: 'tilde', severity: 'warning', keys: keysOf(field), message, fix: 'write the path in full' }]
  })

export const textRules: readonly Rule[] = [variables, secrets, exposed, tildes]

/** Keys of a field; names of variables and headers may hold dots. */
function keysOf(field: string): readonly string[] {
  const [head = '', ...rest] = field.split('.')
  return rest.length === 0 ? [head] : [head, rest.join('.')]
}

function isWritten(values: unknown, name: string | undefined): boolean {
  return typeof values === 'object' && values !== null && name !== undefined && Object.hasOwn(values, name)
}

function syntaxOf({ kind, source, fallback }: Reference): Syntax | undefined {
  switch (kind) {
    case 'env':
      if (source.startsWith('$env:')) return 'dollarEnv'
      if (source.startsWith('{')) return 'bracesOnly'
      if (source.startsWith(`\${env:`)) return 'env'
      return fallback === undefined ? 'plain' : 'default'
    case 'input':
      return 'input'
    case 'folder':
      return 'folder'
    case 'user_config':
    case 'unknown':
      return undefined
    default:
      return kind satisfies never
  }
}

/** Whether a value of this name would be masked where a command line is shown. */
function soundsSecret(name: string): boolean {
  return describeCommand(`${name.slice(0, 60)}=x`) !== `${name.slice(0, 60)}=x`
}

/** What would be masked where a command line is shown, unless it is a path, a URL, a number or a switch. */
function isSecret(field: string, text: string, before: readonly [string, string] | undefined): boolean {
  const [head, name] = keysOf(field)
  const value = text.slice(0, 60)
  if (value === '') return false
  switch (head) {
    case 'env':
    case 'oauth':
      if (/^(?:true|false|\d+|[.~/].*|https?:\/\/[^@]*)$/i.test(value)) return false
      return soundsSecret(name ?? '') || describeCommand(value) !== value
    case 'headers':
      return describeCommand(`${name}: ${value}`) !== `${name}: ${value}`
    case 'args': {
      const previous = before?.[0].startsWith('args.') === true ? [before[1].slice(0, 60)] : []
      return describeCommand('', [...previous, value]).endsWith('***') && !/^-[\w-]*$/.test(value)
    }
    default:
      return describeCommand(value) !== value
  }
}
