import { absolutePath } from '#runtime/config-files'
import type { AskInput } from './ask-inputs.ts'
import { workspaceOf } from './dialects.ts'
import { expandText, type Reference, referencesIn } from './references.ts'
import type { ResolveContext } from './resolve-context.ts'
import type { Unresolved } from './resolve-server.ts'
import type { ServerEntry } from './server-entry.ts'
import { shownName, shownReference } from './shown-reference.ts'

/** Puts values into the texts of one server, and keeps what is missing: each thing once, wherever it is needed. */
export interface Expander {
  readonly unresolved: readonly Unresolved[]
  readonly isComplete: boolean
  /** Whether something is missing in this field. */
  isFaulty(field: string): boolean
  report(field: string, message: string, variable?: string): void
  text(written: string, field: string): Promise<string>
  list(written: readonly string[], field: string): Promise<string[]>
  /** Null becomes undefined: a variable that is taken away. */
  texts(written: Readonly<Record<string, string | null>>, field: string): Promise<Record<string, string | undefined>>
  /** A relative path where this configuration means it. */
  folder(path: string): string
}

interface Fault {
  readonly fields: string[]
  readonly message: string
  readonly variable: string | undefined
}

export function createExpander(entry: ServerEntry, context: ResolveContext, ask: AskInput): Expander {
  const { name: server, origin } = entry
  const { env = {}, userConfig = {} } = context
  const file = isAbsolute(origin.path) ? origin.path : absolutePath(origin.path)
  const workspaceFolder = context.workspaceFolder ?? workspaceOf(file)
  const ownFolder = context.dirname ?? folderOf(file)
  const faults = new Map<string, Fault>()

  function report(field: string, message: string, variable?: string): void {
    const known = faults.get(message)
    if (known === undefined) faults.set(message, { fields: [field], message, variable })
    else known.fields.push(field)
  }

  function folderNamed(name: string): string | undefined {
    const basename = workspaceFolder?.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')
    if (name === `workspaceFolder:${basename}`) return workspaceFolder
    switch (name) {
      case 'workspaceFolder':
        return workspaceFolder
      case 'workspaceFolderBasename':
        return basename
      case 'userHome':
        return context.userHome ?? own(env, 'HOME') ?? own(env, 'USERPROFILE')
      case '__dirname':
        return ownFolder
      case 'pathSeparator':
      case '/':
        return (workspaceFolder ?? ownFolder).includes('\\') ? '\\' : '/'
      default:
        return undefined
    }
  }

  async function valueFor({ kind, name }: Reference): Promise<string | undefined> {
    switch (kind) {
      case 'env':
        return own(env, name)
      case 'folder':
        return folderNamed(name)
      case 'input':
        return ask(name, entry)
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
      for (const reference of expanded.missing) report(field, whatIsMissing(reference), shownName(reference))
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
    get unresolved() {
      return [...faults.values()].map((fault) => unresolvedOf(server, fault))
    },
    get isComplete() {
      return faults.size === 0
    },
    isFaulty: (field) => [...faults.values()].some(({ fields }) => fields.includes(field)),
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

function unresolvedOf(server: string, { fields: [field = '', ...others], message, variable }: Fault): Unresolved {
  const also = others.length === 0 ? '' : ` (also ${others.join(', ')})`
  return {
    ...{ server, field, fields: [field, ...others], ...(variable !== undefined && { variable }) },
    message: `the server "${server}" cannot be started: ${field} ${message}${also}`,
  }
}

/** Not what every object has. */
function own(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value: unknown = values[name]
  return typeof value === 'string' ? value : undefined
}

function whatIsMissing(reference: Reference): string {
  const { kind } = reference
  const shown = shownReference(reference)
  const name = shownName(reference) ?? ''
  switch (kind) {
    case 'env':
      return `needs the variable ${name}, which is not set`
    case 'folder':
      return `needs ${shown}, which is not known here`
    case 'input':
      return `needs an answer to the input "${name}", and there is none`
    case 'user_config':
      return `needs the setting "${name}", which has no value`
    case 'unknown':
      return `holds ${shown}, which stands for nothing${shown.startsWith('$') ? '; put one more $ in front where the characters are meant' : ''}`
    default:
      return kind satisfies never
  }
}
