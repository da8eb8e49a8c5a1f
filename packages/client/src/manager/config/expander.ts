import { expandText, type Reference, referencesIn } from './references.ts'
import type { ResolveContext } from './resolve-context.ts'
import type { Unresolved } from './resolve-server.ts'
import type { ServerEntry } from './server-entry.ts'

/** Puts values into the texts of one server, and keeps what is missing. */
export interface Expander {
  readonly unresolved: readonly Unresolved[]
  report(field: string, message: string, variable?: string): void
  text(written: string, field: string): Promise<string>
  list(written: readonly string[], field: string): Promise<string[]>
  /** Null becomes undefined: a variable that is taken away. */
  texts(written: Readonly<Record<string, string | null>>, field: string): Promise<Record<string, string | undefined>>
  /** A relative path where this configuration means it. */
  folder(path: string): string
}

export function createExpander({ name: server, origin }: ServerEntry, context: ResolveContext): Expander {
  const { env = {}, workspaceFolder, userConfig = {}, inputs } = context
  const ownFolder = context.dirname ?? folderOf(origin.path)
  const unresolved: Unresolved[] = []

  function report(field: string, message: string, variable?: string): void {
    const words = `the server "${server}" cannot be started: ${field} ${message}`
    unresolved.push({ server, field, ...(variable !== undefined && { variable }), message: words })
  }

  function folderNamed(name: string): string | undefined {
    switch (name) {
      case 'workspaceFolder':
        return workspaceFolder
      case 'workspaceFolderBasename':
        return workspaceFolder?.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')
      case 'userHome':
        return context.userHome ?? own(env, 'HOME') ?? own(env, 'USERPROFILE')
      case '__dirname':
        return ownFolder
      default:
        return (workspaceFolder ?? ownFolder).includes('\\') ? '\\' : '/'
    }
  }

  async function valueFor({ kind, name }: Reference): Promise<string | undefined> {
    switch (kind) {
      case 'env':
        return own(env, name)
      case 'folder':
        return folderNamed(name)
      case 'input':
        return inputs?.(name)
      case 'user_config': {
        const value = Object.hasOwn(userConfig, name) ? userConfig[name] : undefined
        return typeof value === 'object' ? value.join(',') : value === undefined ? undefined : String(value)
      }
      case 'unknown':
        return undefined
      default:
        return kind satisfies never
    }
  }

  async function text(written: string, field: string): Promise<string> {
    try {
      const expanded = await expandText(written, valueFor)
      for (const reference of expanded.missing) report(field, whatIsMissing(reference), reference.name)
      return expanded.text
    } catch (error) {
      // somebody who was asked said no, which concerns this server alone
      report(
        field,
        `has something that had to be asked for, which failed: ${error instanceof Error ? error.name : typeof error}`,
      )
      return ''
    }
  }

  /** The several arguments that one of them stands for. */
  function severalOf(written: string): readonly string[] | undefined {
    const [only] = referencesIn(written)
    if (only?.kind !== 'user_config' || only.source !== written || !Object.hasOwn(userConfig, only.name))
      return undefined
    const value = userConfig[only.name]
    return typeof value === 'object' ? value : undefined
  }

  return {
    unresolved,
    report,
    text,
    async list(written, field) {
      const expanded: string[] = []
      for (const [index, one] of written.entries()) {
        expanded.push(...(severalOf(one) ?? [await text(one, `${field}.${index}`)]))
      }
      return expanded
    },
    async texts(written, field) {
      const expanded: [string, string | undefined][] = []
      for (const [name, one] of Object.entries(written)) {
        expanded.push([name, one === null ? undefined : await text(one, `${field}.${name}`)])
      }
      return Object.fromEntries(expanded)
    },
    folder: (path) => (isAbsolute(path) ? path : `${(workspaceFolder ?? ownFolder).replace(/[/\\]$/, '')}/${path}`),
  }
}

/** Whether a path says where it starts. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)
}

function folderOf(path: string): string {
  return /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? '.'
}

/** Not what every object has. */
function own(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value: unknown = values[name]
  return typeof value === 'string' ? value : undefined
}

function whatIsMissing({ kind, name, source }: Reference): string {
  switch (kind) {
    case 'env':
      return `needs the variable ${name}, which is not set`
    case 'folder':
      return `needs ${source}, which is not known here`
    case 'input':
      return `needs an answer to the input "${name}", and there is none`
    case 'user_config':
      return `needs the setting "${name}", which has no value`
    case 'unknown':
      return `holds ${source}, which stands for nothing; write $${source} for the characters themselves`
    default:
      return kind satisfies never
  }
}
