/**
 * Variables a server inherits unless an option says otherwise: enough to find programs, files, a language and a time
 * zone, and none that is known to hold a secret. A `*` at the end stands for any rest.
 */
export const INHERITED_VARIABLES: readonly string[] = [
  'HOME',
  'PATH',
  'SHELL',
  'TERM',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_*',
  'TZ',
  'TMPDIR',
]

/** The same on Windows, where names have no case. */
export const INHERITED_VARIABLES_WINDOWS: readonly string[] = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TZ',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
]

export interface ChildEnvironmentOptions {
  /** Set in the child; an undefined value takes an inherited variable away. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** True inherits everything; names are inherited besides the harmless ones, and may end with `*`. */
  inheritEnv?: boolean | readonly string[] | undefined
  windows: boolean
}

/** The complete environment of a child of a process that has the environment `parent`. */
export function childEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  { env = {}, inheritEnv = [], windows }: ChildEnvironmentOptions,
): Record<string, string> {
  const more = typeof inheritEnv === 'boolean' ? [] : inheritEnv
  const patterns = [...(windows ? INHERITED_VARIABLES_WINDOWS : INHERITED_VARIABLES), ...more]
  const fold = (name: string): string => (windows ? name.toUpperCase() : name)
  const overridden = new Set(Object.keys(env).map(fold))

  const child: Record<string, string> = {}
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined || overridden.has(fold(name))) continue
    if (inheritEnv !== true && !patterns.some((pattern) => matches(fold(pattern), fold(name)))) continue
    // an exported shell function is code, not a setting
    if (inheritEnv !== true && value.startsWith('()')) continue
    child[name] = value
  }
  for (const [name, value] of Object.entries(env)) if (value !== undefined) child[name] = value
  return child
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
