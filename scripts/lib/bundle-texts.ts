import type { BundleDefinition, BundleSetting } from './bundle-definition.ts'

/** What a server says of itself. */
export interface ServerFacts {
  version: string
  title: string
  instructions: string | undefined
  tools: readonly { name: string; description: string | undefined }[]
}

/** A packed bundle, as far as its place and content matter to those who fetch it. */
export interface BundleFile {
  /** Its name, without folders. */
  file: string
  /** In hexadecimal. */
  sha256: string
}

/** Where the server lies in its bundle. */
export const entryPoint = 'server/index.mjs'

/** The schema that `serverJson` follows. */
export const SERVER_SCHEMA = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'

/**
 * The `manifest.json` of an MCPB bundle. Hosts bring Node and no Bun, so its server is a script for Node.
 *
 * @see https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md
 */
export function mcpbManifest(definition: BundleDefinition, facts: ServerFacts): object {
  const { settings } = definition
  return {
    manifest_version: '0.3',
    name: nameOf(definition),
    display_name: facts.title,
    version: facts.version,
    description: definition.description,
    ...(facts.instructions !== undefined && { long_description: facts.instructions }),
    author: { name: definition.author },
    repository: { type: 'git', url: definition.repository },
    license: definition.license,
    keywords: definition.keywords,
    server: {
      type: 'node',
      entry_point: entryPoint,
      mcp_config: {
        command: 'node',
        args: [`\${__dirname}/${entryPoint}`],
        env: Object.fromEntries(settings.map(({ env }) => [env, `\${user_config.${env.toLowerCase()}}`])),
      },
    },
    tools: facts.tools.map(({ name, description }) => ({ name, ...(description !== undefined && { description }) })),
    compatibility: { platforms: ['darwin', 'linux', 'win32'], runtimes: { node: '>=22' } },
    ...(settings.length > 0 && {
      user_config: Object.fromEntries(settings.map((each) => [each.env.toLowerCase(), userSetting(each)])),
    }),
  }
}

/**
 * The `server.json` that the registry of servers takes: the same server, to be fetched as its bundle.
 *
 * @see https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
 */
export function serverJson(definition: BundleDefinition, facts: ServerFacts, { file, sha256 }: BundleFile): object {
  const { name, description, repository, settings } = definition
  return {
    $schema: SERVER_SCHEMA,
    name,
    title: facts.title,
    description,
    version: facts.version,
    repository: { url: repository, source: 'github' },
    packages: [
      {
        registryType: 'mcpb',
        identifier: `${repository}/releases/download/${nameOf(definition)}@${facts.version}/${file}`,
        version: facts.version,
        fileSha256: sha256,
        transport: { type: 'stdio' },
        ...(settings.length > 0 && { environmentVariables: settings.map(environmentVariable) }),
      },
    ],
  }
}

/** The server's name without the domain before it. */
export function nameOf({ name }: BundleDefinition): string {
  return name.slice(name.indexOf('/') + 1)
}

function userSetting({ title, description, required, secret, default: preset }: BundleSetting): object {
  return {
    type: 'string',
    title,
    description,
    required,
    sensitive: secret,
    // What is optional and not given reaches the server as the name in braces, unless there is a default.
    ...((preset !== undefined || !required) && { default: preset ?? '' }),
  }
}

function environmentVariable({ env, description, required, secret, default: preset }: BundleSetting): object {
  return {
    name: env,
    description,
    isRequired: required,
    isSecret: secret,
    format: 'string',
    ...(preset !== undefined && { default: preset }),
  }
}
