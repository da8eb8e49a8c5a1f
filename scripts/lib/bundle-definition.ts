/** A setting that a person gives when they install a server. It reaches the server as an environment variable. */
export interface BundleSetting {
  /** The environment variable. */
  env: string
  title: string
  description: string
  required: boolean
  /** Kept out of sight and of files by hosts. */
  secret: boolean
  default?: string
  /** Lets the server start where nobody gave a setting, to be asked what it has. Never ends up in a bundle. */
  example?: string
}

/** What is known of a server before it runs. Version, title, tools and prompts it says itself. */
export interface BundleDefinition {
  /** In the registry: a reversed domain, a slash, a name. */
  name: string
  /** At most 100 characters, which is what the registry takes. */
  description: string
  /** The module that serves over stdio, relative to the app. */
  entry: string
  author: string
  license: string
  repository: string
  keywords: readonly string[]
  settings: readonly BundleSetting[]
}

const texts = ['name', 'description', 'entry', 'author', 'license', 'repository'] as const

/**
 * Reads an app's `bundle.json`.
 *
 * @throws {TypeError} naming the first member that is missing, malformed or unknown
 */
export function readBundleDefinition(value: unknown): BundleDefinition {
  const { keywords, settings, ...rest } = record(value, 'the definition')
  const [name, description, entry, author, license, repository] = texts.map((key) => text(rest[key], key))
  refuseUnknown(rest, texts)
  if (!/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/.test(name ?? '')) {
    throw new TypeError(`"name" is ${JSON.stringify(name)} and not a reversed domain, a slash and a name`)
  }
  if ((description ?? '').length > 100) throw new TypeError('"description" is longer than 100 characters')
  if (!/^https:\/\/\S+$/.test(repository ?? '')) throw new TypeError('"repository" is no https URL')
  return {
    name: name ?? '',
    description: description ?? '',
    entry: entry ?? '',
    author: author ?? '',
    license: license ?? '',
    repository: repository ?? '',
    keywords: list(keywords, 'keywords').map((word, index) => text(word, `keywords[${index}]`)),
    settings: list(settings, 'settings').map((setting, index) => readSetting(setting, `settings[${index}]`)),
  }
}

function readSetting(value: unknown, where: string): BundleSetting {
  const setting = record(value, where)
  refuseUnknown(setting, ['env', 'title', 'description', 'required', 'secret', 'default', 'example'])
  const env = text(setting.env, `${where}.env`)
  if (!/^[A-Z][A-Z0-9_]*$/.test(env)) throw new TypeError(`"${where}.env" is ${env} and no environment variable`)
  return {
    env,
    title: text(setting.title, `${where}.title`),
    description: text(setting.description, `${where}.description`),
    required: setting.required === true,
    secret: setting.secret === true,
    ...(setting.default !== undefined && { default: text(setting.default, `${where}.default`) }),
    ...(setting.example !== undefined && { example: text(setting.example, `${where}.example`) }),
  }
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${where} is not an object`)
  }
  return { ...value }
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`"${key}" is not a text with something in it`)
  return value
}

function list(value: unknown, key: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`"${key}" is not an array`)
  return value
}

function refuseUnknown(value: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is unknown; known are ${known.join(', ')}`)
}
