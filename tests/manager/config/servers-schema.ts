import { z } from 'zod'

/** Types of servers, as hosts write them. */
const LOCAL = ['stdio', 'local'] as const
const REMOTE = ['http', 'remote', 'streamable-http', 'streamable_http', 'streamableHttp', 'sse'] as const
const URL_KEYS = ['url', 'serverUrl', 'httpUrl', 'baseUrl'] as const

const Text = z.string().min(1)
const Texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
const Words = z.union([z.string(), z.array(z.string())])
const Command = z
  .union([Text, z.tuple([Text], z.string())])
  .meta({ description: 'A program, or a list that begins with one.' })
const Absent = z.null().optional()

const OAuth = z.looseObject({
  clientId: Text.nullish(),
  clientSecret: Text.nullish(),
  callbackPort: z.number().positive().nullish(),
  redirectUri: Text.nullish(),
  scopes: Words.nullish(),
  scope: Words.nullish(),
  authServerMetadataUrl: Text.nullish(),
})

const common = {
  enabled: z.boolean().nullish().meta({ description: 'False switches the server off.' }),
  disabled: z.boolean().nullish().meta({ description: 'True switches the server off.' }),
  required: z.boolean().nullish().meta({ description: 'The server has to start.' }),
  timeout: z.number().positive().nullish().meta({ description: 'Milliseconds; seconds in the file of Cline.' }),
  startup_timeout_sec: z.number().positive().nullish(),
  startup_timeout_ms: z.number().positive().nullish(),
  tool_timeout_sec: z.number().positive().nullish(),
  enabled_tools: z.array(z.string()).nullish(),
  enabledTools: z.array(z.string()).nullish(),
  includeTools: z.array(z.string()).nullish(),
  allowedTools: z.array(z.string()).nullish(),
  disabled_tools: z.array(z.string()).nullish(),
  disabledTools: z.array(z.string()).nullish(),
  excludeTools: z.array(z.string()).nullish(),
  tools: z
    .union([z.array(z.string()), z.looseObject({}), z.string(), z.number(), z.boolean(), z.null()])
    .optional()
    .meta({ description: 'A list lets those tools through and no others; "*" stands for any characters.' }),
  args: z.array(z.string()).nullish(),
  env: Texts.nullish().meta({ description: 'Variables of the server; null takes an inherited one away.' }),
  environment: Texts.nullish(),
  envFile: Text.nullish(),
  env_vars: z.array(z.union([z.string(), z.looseObject({ name: z.string() })])).nullish(),
  cwd: Text.nullish(),
  headers: Texts.nullish(),
  http_headers: Texts.nullish(),
  env_http_headers: Texts.nullish(),
  bearer_token_env_var: Text.nullish(),
  bearerTokenEnv: Text.nullish(),
  oauth: z.union([OAuth, z.boolean(), z.null()]).optional(),
  scopes: Words.nullish(),
}

/** What every server may have. */
const Fields = z
  .looseObject({
    ...common,
    ...Object.fromEntries(URL_KEYS.map((key) => [key, Text.nullish()])),
    command: Command.nullish(),
  })
  .meta({ id: 'Fields' })

const noUrl = Object.fromEntries(URL_KEYS.map((key) => [key, Absent]))
const untyped = { type: Absent, transport: Absent }
const anUrl = z.union(URL_KEYS.map((key) => z.looseObject({ [key]: Text }))).meta({ id: 'HasUrl' })

/** The two keys a type may stand under. */
function typed(types: readonly [string, ...string[]]): z.ZodType {
  const Type = z.enum(types)
  return z.union([z.looseObject({ type: Type }), z.looseObject({ type: Absent, transport: Type })])
}

/** What makes it a server, and of which kind. */
const Kind = z.union([
  z.intersection(typed(LOCAL), z.looseObject({ command: Command })),
  z.looseObject({ ...noUrl, ...untyped, command: Command }),
  z.intersection(typed(REMOTE), anUrl),
  z.intersection(z.looseObject({ ...untyped, command: Absent }), anUrl),
])

/** A server of any host's configuration. */
export const Server: z.ZodType = z.intersection(Fields, Kind).meta({ id: 'Server', title: 'An MCP server' })

const Servers = z.record(z.string(), Server)

const Input = z.looseObject({
  id: z.string(),
  description: z.string().optional(),
  password: z.boolean().optional(),
  default: z.string().optional(),
  options: z
    .array(z.union([z.string(), z.looseObject({ value: z.string(), label: z.string().optional() })]))
    .optional()
    .meta({ description: 'What there is to choose from.' }),
})

/** A file of any host. */
export const ServersFile: z.ZodType = z
  .union([
    z.looseObject({ mcpServers: Servers }),
    z.looseObject({ servers: Servers, inputs: z.array(Input).optional() }),
    z.looseObject({ mcp: Servers }),
    z.looseObject({ mcp_servers: Servers }),
  ])
  .meta({ title: 'MCP servers', description: 'Servers by name, under the key of any host.' })

/** The JSON Schema that is published. */
export function serversJsonSchema(): string {
  const schema = z.toJSONSchema(ServersFile, { io: 'input', target: 'draft-2020-12' })
  return `${JSON.stringify(schema, null, 2)}\n`
}
