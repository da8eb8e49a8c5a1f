import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** Whose words a configuration uses. `mcp-servers` is any host that writes `mcpServers`, `bare` a map of servers alone. */
export type Dialect =
  | 'claude-code'
  | 'claude-desktop'
  | 'cursor'
  | 'windsurf'
  | 'cline'
  | 'gemini'
  | 'copilot'
  | 'vscode'
  | 'codex'
  | 'opencode'
  | 'mcp-servers'
  | 'bare'

/** A host that is known by the name of its file. */
export interface Host {
  readonly dialect: Dialect
  readonly file: RegExp
  /** Where it looks for servers. */
  readonly key: SectionKey
  /** The file holds other settings as well, so it may be without servers. */
  readonly isShared: boolean
}

export type SectionKey = 'mcpServers' | 'servers' | 'mcp' | 'mcp_servers'

export const SECTION_KEYS: readonly SectionKey[] = ['mcpServers', 'servers', 'mcp', 'mcp_servers']

const HOSTS: readonly Host[] = [
  { dialect: 'vscode', file: /(?:^|\/)\.vscode\/mcp\.json$/, key: 'servers', isShared: false },
  { dialect: 'cursor', file: /(?:^|\/)\.cursor\/mcp\.json$/, key: 'mcpServers', isShared: false },
  { dialect: 'claude-code', file: /(?:^|\/)\.mcp\.json$/, key: 'mcpServers', isShared: false },
  { dialect: 'claude-code', file: /(?:^|\/)\.claude\.json$/, key: 'mcpServers', isShared: true },
  { dialect: 'claude-desktop', file: /(?:^|\/)claude_desktop_config\.json$/, key: 'mcpServers', isShared: true },
  { dialect: 'windsurf', file: /(?:^|\/)mcp_config\.json$/, key: 'mcpServers', isShared: false },
  { dialect: 'cline', file: /(?:^|\/)cline_mcp_settings\.json$/, key: 'mcpServers', isShared: false },
  { dialect: 'gemini', file: /(?:^|\/)\.gemini\/settings\.json$/, key: 'mcpServers', isShared: true },
  { dialect: 'copilot', file: /(?:^|\/)\.copilot\/mcp-config\.json$/, key: 'mcpServers', isShared: false },
  { dialect: 'opencode', file: /(?:^|\/)opencode\.jsonc?$/, key: 'mcp', isShared: true },
  { dialect: 'codex', file: /(?:^|\/)\.codex\/[^/]+\.toml$/, key: 'mcp_servers', isShared: true },
]

const DIALECT_OF: Readonly<Record<SectionKey, Dialect>> = {
  mcpServers: 'mcp-servers',
  servers: 'vscode',
  mcp: 'opencode',
  mcp_servers: 'codex',
}

/** The host that reads a file of this name. */
export function hostOf(path: string): Host | undefined {
  const name = path.replaceAll('\\', '/')
  return HOSTS.find(({ file }) => file.test(name))
}

/** A part of a file that holds servers by name. */
export interface Section {
  readonly dialect: Dialect
  /** Keys that lead to it; none when the file is a bare map. */
  readonly keys: readonly string[]
  readonly servers: JsonObject
  /** Definitions of what `${input:id}` stands for. */
  readonly inputs: unknown
  /** Whether the file switches a server off outside its entry. */
  readonly isOff?: (name: string) => boolean
}

/** What a file holds instead of servers. */
export interface NoSection {
  readonly keys: readonly string[]
  readonly found: string
  readonly expected: string
}

/** The parts of a file that hold servers, or what is wrong where there is none. */
export function sectionsOf(root: JsonObject, path: string): readonly Section[] | NoSection {
  const host = hostOf(path)
  const sections: Section[] = []
  for (const key of SECTION_KEYS) {
    const value = root[key]
    if (value === undefined || !isSection(root, key) || isOtherSetting(value, key, host)) continue
    if (!isJsonObject(value)) return { keys: [key], found: `"${key}" is ${kindOf(value)}`, expected: 'an object' }
    const nested = key === 'mcp' ? settingsOf(value) : undefined
    sections.push(
      nested ?? {
        dialect: host?.key === key ? host.dialect : DIALECT_OF[key],
        keys: [key],
        servers: value,
        inputs: root.inputs,
        ...(host?.dialect === 'gemini' && host.key === key && { isOff: switchedOff(root.mcp) }),
      },
    )
  }
  if (sections.length > 0) return sections
  const names = Object.keys(root)
  if (names.some((name) => looksLikeServer(root[name]))) {
    const servers = Object.fromEntries(Object.entries(root).filter(([name]) => name !== '$schema'))
    return [{ dialect: 'bare', keys: [], servers, inputs: undefined }]
  }
  if (names.length === 0 || host?.isShared === true) return []
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name))
  return {
    keys: names.slice(0, 1),
    found: `there are no servers, only ${shown.join(', ')}`,
    expected: host === undefined ? '"mcpServers", "servers", "mcp" or "mcp_servers"' : `"${host.key}"`,
  }
}

/** Whether an object can only be meant as a server. */
export function looksLikeServer(value: unknown): value is JsonObject {
  return isJsonObject(value) && SERVER_KEYS.some((key) => typeof value[key] === 'string' || Array.isArray(value[key]))
}

const SERVER_KEYS = ['command', 'url', 'serverUrl', 'httpUrl', 'baseUrl'] as const

/** A bare map may have a server of the name of a section. */
function isSection(root: JsonObject, key: SectionKey): boolean {
  const value = root[key]
  return !looksLikeServer(value) || Object.values(value).some(looksLikeServer)
}

/** Some hosts keep lists of names, and what they do with servers, under what others call their servers. */
function isOtherSetting(value: unknown, key: SectionKey, host: Host | undefined): boolean {
  if (host === undefined || host.key === key || !host.isShared) return false
  return isJsonObject(value) && !Object.values(value).some(isJsonObject)
}

/** Gemini CLI runs those that its settings allow, and none that they exclude. */
function switchedOff(mcp: unknown): (name: string) => boolean {
  const { allowed, excluded } = isJsonObject(mcp) ? mcp : {}
  return (name) =>
    (Array.isArray(allowed) && !allowed.includes(name)) || (Array.isArray(excluded) && excluded.includes(name))
}

/** Servers that the settings of Claude Code hold for single projects: where, and how many. */
export function projectsOf(root: JsonObject, path: string): readonly { keys: readonly string[]; count: number }[] {
  const host = hostOf(path)
  if (host?.dialect !== 'claude-code' || !host.isShared || !isJsonObject(root.projects)) return []
  return Object.entries(root.projects).flatMap(([project, settings]) => {
    const servers = isJsonObject(settings) && isJsonObject(settings.mcpServers) ? settings.mcpServers : {}
    const count = Object.keys(servers).length
    return count === 0 ? [] : [{ keys: ['projects', project, 'mcpServers'], count }]
  })
}

/** The folder of the project that a file belongs to, where its name says so. */
export function workspaceOf(path: string): string | undefined {
  return /^(.+)[/\\]\.vscode[/\\]mcp\.json$/.exec(path)?.[1]
}

/** The settings of VS Code hold what its own file holds under a key. */
function settingsOf(mcp: JsonObject): Section | undefined {
  if (!isJsonObject(mcp.servers) || looksLikeServer(mcp.servers)) return undefined
  return { dialect: 'vscode', keys: ['mcp', 'servers'], servers: mcp.servers, inputs: mcp.inputs }
}

/** What a value is, for a message: never the value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
