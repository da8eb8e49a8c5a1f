import { z } from 'zod'

const Input = z.object({
  description: z.string().optional(),
  isRequired: z.boolean().default(false),
  isSecret: z.boolean().default(false),
  format: z.enum(['string', 'number', 'boolean', 'filepath']).default('string'),
  value: z.string().optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.string()).optional(),
})

const WithVariables = Input.extend({ variables: z.record(z.string(), Input).optional() })

const KeyValue = WithVariables.extend({ name: z.string() })

const Argument = z.discriminatedUnion('type', [
  WithVariables.extend({ type: z.literal('named'), name: z.string(), isRepeated: z.boolean().optional() }),
  WithVariables.extend({
    type: z.literal('positional'),
    valueHint: z.string().optional(),
    isRepeated: z.boolean().optional(),
  }).refine(
    ({ value, valueHint }) => value !== undefined || valueHint !== undefined,
    'a positional argument has a value or a valueHint',
  ),
])

const Reached = { url: z.string().regex(/^https?:\/\/\S+$/), headers: z.array(KeyValue).optional() }
const StreamableHttp = z.object({ type: z.literal('streamable-http'), ...Reached })
const Sse = z.object({ type: z.literal('sse'), ...Reached })
const variables = z.record(z.string(), Input).optional()

/** One version and no range of them. */
const Version = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(?!latest$)(?![\^~<>=*])(?!.*(?:^|\.)[x*](?:\.|$))/, 'is a range, or "latest"')

const Package = z
  .object({
    registryType: z.enum(['npm', 'pypi', 'oci', 'nuget', 'mcpb', 'maven']),
    registryBaseUrl: z.url().optional(),
    identifier: z.string(),
    version: Version.optional(),
    fileSha256: z
      .string()
      .regex(/^[a-f0-9]{64}$/)
      .optional(),
    runtimeHint: z.string().optional(),
    runtimeArguments: z.array(Argument).optional(),
    packageArguments: z.array(Argument).optional(),
    environmentVariables: z.array(KeyValue).optional(),
    transport: z.discriminatedUnion('type', [z.object({ type: z.literal('stdio') }), StreamableHttp, Sse]),
  })
  // what the registry asks for beyond its schema
  .refine(
    ({ registryType, fileSha256 }) => registryType !== 'mcpb' || fileSha256 !== undefined,
    'a bundle has a digest',
  )
  .refine(
    ({ registryType, identifier }) => registryType !== 'mcpb' || /^https:\/\/.*mcp/i.test(identifier),
    'a bundle is fetched by https from a URL with "mcp" in it',
  )

const Icon = z.object({
  src: z.url({ protocol: /^https$/ }).max(255),
  mimeType: z.enum(['image/png', 'image/jpeg', 'image/jpg', 'image/svg+xml', 'image/webp']).optional(),
  sizes: z.array(z.string().regex(/^(?:\d+x\d+|any)$/)).optional(),
  theme: z.enum(['light', 'dark']).optional(),
})

/**
 * A `server.json` of 2025-12-11, strict to its members, so that a misspelt one does not pass for an extension.
 *
 * @see https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
 */
export const ServerJson = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100).optional(),
  description: z.string().min(1).max(100),
  version: Version,
  websiteUrl: z.url().optional(),
  repository: z
    .object({ url: z.url(), source: z.string(), id: z.string().optional(), subfolder: z.string().optional() })
    .optional(),
  icons: z.array(Icon).optional(),
  packages: z.array(Package).optional(),
  remotes: z
    .array(z.discriminatedUnion('type', [StreamableHttp.extend({ variables }), Sse.extend({ variables })]))
    .optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
