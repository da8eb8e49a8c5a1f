import type { Dialect } from './dialects.ts'
import { isAbsolute } from './expander.ts'
import { type Draft, draft, type LintSubject, type Rule } from './lint-rule.ts'
import { TYPES, URL_KEYS } from './read-entry.ts'

/** Keys that look right and are not, with the one that is. */
const MISNAMED: Readonly<Record<string, string>> = {
  ...{ cmd: 'command', executable: 'command', arg: 'args', arguments: 'args', argv: 'args' },
  ...{ envs: 'env', environmentVariables: 'env', vars: 'env', env_file: 'envFile', header: 'headers' },
  ...{ uri: 'url', URL: 'url', Url: 'url', endpoint: 'url', serverURL: 'serverUrl', server_url: 'serverUrl' },
  ...{ transportType: 'type', kind: 'type', workingDirectory: 'cwd', working_dir: 'cwd', workdir: 'cwd' },
  ...{ enable: 'enabled', disable: 'disabled', timeoutMs: 'timeout', timeout_ms: 'timeout' },
}

/** Hosts where a URL without a type does not make a server under a URL. */
const NEEDS_TYPE: ReadonlySet<Dialect> = new Set<Dialect>(['claude-code', 'vscode', 'opencode'])

/** Keys that only some hosts know, and what others call them. */
const OWN_KEYS: Readonly<Record<string, { readonly hosts: readonly Dialect[]; readonly instead: string }>> = {
  environment: { hosts: ['opencode'], instead: 'env' },
  serverUrl: { hosts: ['windsurf'], instead: 'url' },
  httpUrl: { hosts: ['gemini'], instead: 'url' },
  http_headers: { hosts: ['codex'], instead: 'headers' },
}

const types: Rule = ({ raw, dialect }) => {
  const hasCommand = raw.command !== undefined
  const hasUrl = URL_KEYS.some((key) => raw[key] !== undefined)
  const { type } = raw
  if (type === undefined) {
    const isNeeded = NEEDS_TYPE.has(dialect) && (hasUrl || dialect === 'opencode')
    if (!isNeeded) return []
    const right = dialect === 'opencode' ? (hasUrl ? 'remote' : 'local') : 'http'
    return [draft('type_missing', 'error', [], `${dialect} needs a type here`, `add "type": "${right}"`)]
  }
  const meant = typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (meant === undefined) return []
  const isLocal = meant === 'stdio'
  const drafts: Draft[] = []
  if (isLocal && hasUrl) {
    drafts.push(
      draft(
        'type_mismatch',
        'error',
        ['type'],
        'a local server has a URL, which is not used',
        'change the type to "http", or remove the URL',
      ),
    )
  }
  if (!isLocal && hasCommand) {
    drafts.push(
      draft(
        'type_mismatch',
        'error',
        ['type'],
        'a server under a URL has a command, which is not used',
        'change the type to "stdio", or remove the command',
      ),
    )
  }
  const isOtherWord = (dialect === 'opencode') !== (type === 'local' || type === 'remote')
  const isKnown = dialect === 'bare' || (dialect === 'copilot' && type === 'local')
  if (isOtherWord && !isKnown) {
    const right = dialect === 'opencode' ? (isLocal ? 'local' : 'remote') : isLocal ? 'stdio' : 'http'
    drafts.push(
      draft(
        'foreign_key',
        'warning',
        ['type'],
        `"${String(type)}" is another host's word for the type`,
        `write "${right}"`,
      ),
    )
  }
  return drafts
}

const keys: Rule = ({ raw, dialect }) =>
  Object.keys(raw).flatMap((key): Draft[] => {
    const right = Object.hasOwn(MISNAMED, key) ? MISNAMED[key] : undefined
    if (right !== undefined && raw[right] === undefined) {
      return [draft('misnamed_key', 'error', [key], `"${key}" means nothing`, `write "${right}"`)]
    }
    const own = Object.hasOwn(OWN_KEYS, key) ? OWN_KEYS[key] : undefined
    if (own === undefined || isAnyHost(dialect) || own.hosts.includes(dialect)) return []
    return [
      draft(
        'foreign_key',
        'warning',
        [key],
        `"${key}" is a key of ${own.hosts.join(' and ')}`,
        `write "${own.instead}"`,
      ),
    ]
  })

const opencodeShape: Rule = ({ raw, dialect }) => {
  const isOpencode = dialect === 'opencode'
  const drafts: Draft[] = []
  if (isOpencode && raw.env !== undefined) {
    drafts.push(draft('foreign_key', 'error', ['env'], 'opencode calls it "environment"', 'write "environment"'))
  }
  if (isOpencode && raw.args !== undefined) {
    drafts.push(draft('foreign_key', 'error', ['args'], 'opencode has no "args"', 'put them into the list "command"'))
  }
  if (isOpencode && typeof raw.command === 'string') {
    drafts.push(
      draft('foreign_key', 'error', ['command'], 'opencode wants a list here', 'write ["program", "argument"]'),
    )
  }
  if (!isOpencode && !isAnyHost(dialect) && Array.isArray(raw.command)) {
    drafts.push(
      draft(
        'foreign_key',
        'error',
        ['command'],
        `${dialect} wants one text here`,
        'put what follows the program into "args"',
      ),
    )
  }
  return drafts
}

const commands: Rule = ({ entry }) => {
  if (entry?.type !== 'stdio') return []
  const { command, args } = entry
  const drafts: Draft[] = []
  const program = /^[\w.-]+(?=\s)/.exec(command)?.[0]
  if (program !== undefined) {
    drafts.push(
      draft(
        'command_line',
        'error',
        ['command'],
        'the command holds its arguments, and no shell takes them apart',
        `write "command": "${program}" and put the rest into "args"`,
      ),
    )
  }
  const operator = args.findIndex((arg) => /^(?:&&|\|\|?|;|[12]?>{1,2}|<)$/.test(arg))
  if (operator >= 0 && !/(?:^|[/\\])(?:ba|z|da|fi)?sh$|cmd(?:\.exe)?$/i.test(command)) {
    drafts.push(
      draft(
        'shell_syntax',
        'error',
        ['args', String(operator)],
        'this is for a shell, and there is none',
        'run a script instead, or a shell with "-c"',
      ),
    )
  }
  if (/(?:^|[/\\])npx(?:\.cmd)?$/.test(command) && !args.some((arg) => arg === '-y' || arg === '--yes')) {
    drafts.push(
      draft(
        'npx_prompt',
        'warning',
        ['args'],
        'npx asks before it installs, and nobody can answer',
        'add "-y" in front',
      ),
    )
  }
  if (/^\.{1,2}[/\\]/.test(command)) {
    drafts.push(
      draft(
        'relative_path',
        'warning',
        ['command'],
        'where a relative program is looked for differs between hosts',
        'write an absolute path',
      ),
    )
  }
  if (entry.cwd !== undefined && !isAbsolute(entry.cwd) && !/^(?:\$|\{env:|~)/.test(entry.cwd)) {
    drafts.push(
      draft(
        'relative_path',
        'warning',
        ['cwd'],
        'where a relative folder starts differs between hosts',
        'write an absolute path',
      ),
    )
  }
  return drafts
}

const values: Rule = ({ raw, dialect }) => {
  const drafts: Draft[] = []
  for (const key of ['env', 'environment'] as const) {
    for (const [variable, value] of Object.entries(Object(raw[key]))) {
      // VS Code says that it takes numbers
      if (typeof value !== 'boolean' && (typeof value !== 'number' || dialect === 'vscode')) continue
      drafts.push(
        draft(
          'env_type',
          'warning',
          [key, variable],
          'some hosts refuse variables that are no texts',
          'put it in quotes',
        ),
      )
    }
  }
  const { timeout } = raw
  if (typeof timeout !== 'number') return drafts
  if (dialect === 'cline' ? timeout > 3600 : timeout < 1000) {
    const [unit, other] = dialect === 'cline' ? ['seconds', 'milliseconds'] : ['milliseconds', 'seconds']
    drafts.push(
      draft('timeout_unit', 'warning', ['timeout'], `it is read as ${unit}; this looks like ${other}`, `write ${unit}`),
    )
  }
  return drafts
}

export const entryRules: readonly Rule[] = [types, keys, opencodeShape, commands, values]

/** Not one host, so that nothing can be said of what it does not know. */
function isAnyHost(dialect: LintSubject['dialect']): boolean {
  return dialect === 'mcp-servers' || dialect === 'bare'
}
